/** The constants of the socket module that only macOS and the BSDs have: undefined elsewhere. */
import { native } from "../native.ts";

const { constants } = native;

// Address families: divert(4), and macOS's own with its protocol
export const AF_DIVERT: number = constants.AF_DIVERT;
export const AF_LINK: number = constants.AF_LINK;
export const AF_SYSTEM: number = constants.AF_SYSTEM;
export const PF_DIVERT: number = constants.PF_DIVERT;
export const PF_SYSTEM: number = constants.PF_SYSTEM;
export const SYSPROTO_CONTROL: number = constants.SYSPROTO_CONTROL;

// Protocols: ip(4)
export const IPPROTO_BIP: number = constants.IPPROTO_BIP;
export const IPPROTO_EON: number = constants.IPPROTO_EON;
export const IPPROTO_GGP: number = constants.IPPROTO_GGP;
export const IPPROTO_HELLO: number = constants.IPPROTO_HELLO;
export const IPPROTO_IPCOMP: number = constants.IPPROTO_IPCOMP;
export const IPPROTO_IPV4: number = constants.IPPROTO_IPV4;
export const IPPROTO_MAX: number = constants.IPPROTO_MAX;
export const IPPROTO_MOBILE: number = constants.IPPROTO_MOBILE;
export const IPPROTO_ND: number = constants.IPPROTO_ND;
export const IPPROTO_VRRP: number = constants.IPPROTO_VRRP;
export const IPPROTO_XTP: number = constants.IPPROTO_XTP;

// Options of every socket, and who the peer of a local one is: getsockopt(2), unix(4)
export const SO_RTABLE: number = constants.SO_RTABLE;
export const SO_SETFIB: number = constants.SO_SETFIB;
export const SO_USELOOPBACK: number = constants.SO_USELOOPBACK;
export const SO_USER_COOKIE: number = constants.SO_USER_COOKIE;
export const LOCAL_CREDS: number = constants.LOCAL_CREDS;
export const LOCAL_CREDS_PERSISTENT: number = constants.LOCAL_CREDS_PERSISTENT;
export const LOCAL_PEERCRED: number = constants.LOCAL_PEERCRED;
export const SCM_CREDS: number = constants.SCM_CREDS;
export const SCM_CREDS2: number = constants.SCM_CREDS2;

// Options of IP, IPv6 and TCP: ip(4), ip6(4), tcp(4)
export const IP_RECVDSTADDR: number = constants.IP_RECVDSTADDR;
export const IPV6_RTHDR_LOOSE: number = constants.IPV6_RTHDR_LOOSE;
export const IPV6_RTHDR_STRICT: number = constants.IPV6_RTHDR_STRICT;
export const IPV6_USE_MIN_MTU: number = constants.IPV6_USE_MIN_MTU;
export const TCP_CONNECTION_INFO: number = constants.TCP_CONNECTION_INFO;
export const TCP_KEEPALIVE: number = constants.TCP_KEEPALIVE;

// Flags of a message: recv(2), send(2)
export const MSG_BCAST: number = constants.MSG_BCAST;
export const MSG_BTAG: number = constants.MSG_BTAG;
export const MSG_EOF: number = constants.MSG_EOF;
export const MSG_ETAG: number = constants.MSG_ETAG;
export const MSG_MCAST: number = constants.MSG_MCAST;
export const MSG_NOTIFICATION: number = constants.MSG_NOTIFICATION;

// Hints and errors of the resolver: getaddrinfo(3)
export const AI_DEFAULT: number = constants.AI_DEFAULT;
export const AI_MASK: number = constants.AI_MASK;
export const AI_V4MAPPED_CFG: number = constants.AI_V4MAPPED_CFG;
export const EAI_BADHINTS: number = constants.EAI_BADHINTS;
export const EAI_MAX: number = constants.EAI_MAX;
export const EAI_PROTOCOL: number = constants.EAI_PROTOCOL;
