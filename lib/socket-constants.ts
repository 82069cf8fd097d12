/**
 * The numbers of the socket module, as this system's headers have them. Their meaning is in the man
 * pages: socket(2), socket(7), ip(7), ipv6(7), tcp(7), send(2), recv(2), shutdown(2), getaddrinfo(3).
 */
import { native } from "./native.ts";

const { constants } = native;

export const AF_UNSPEC: number = constants.AF_UNSPEC;
export const AF_UNIX: number = constants.AF_UNIX;
export const AF_INET: number = constants.AF_INET;
export const AF_INET6: number = constants.AF_INET6;

export const SOCK_STREAM: number = constants.SOCK_STREAM;
export const SOCK_DGRAM: number = constants.SOCK_DGRAM;
export const SOCK_RAW: number = constants.SOCK_RAW;
export const SOCK_RDM: number = constants.SOCK_RDM;
export const SOCK_SEQPACKET: number = constants.SOCK_SEQPACKET;
export const SOCK_NONBLOCK: number = constants.SOCK_NONBLOCK;
export const SOCK_CLOEXEC: number = constants.SOCK_CLOEXEC;

export const SOL_SOCKET: number = constants.SOL_SOCKET;
export const SOL_IP: number = constants.SOL_IP;
export const SOL_TCP: number = constants.SOL_TCP;
export const SOL_UDP: number = constants.SOL_UDP;

export const IPPROTO_IP: number = constants.IPPROTO_IP;
export const IPPROTO_ICMP: number = constants.IPPROTO_ICMP;
export const IPPROTO_TCP: number = constants.IPPROTO_TCP;
export const IPPROTO_UDP: number = constants.IPPROTO_UDP;
export const IPPROTO_IPV6: number = constants.IPPROTO_IPV6;
export const IPPROTO_ICMPV6: number = constants.IPPROTO_ICMPV6;
export const IPPROTO_RAW: number = constants.IPPROTO_RAW;

export const SO_ACCEPTCONN: number = constants.SO_ACCEPTCONN;
export const SO_BROADCAST: number = constants.SO_BROADCAST;
export const SO_DEBUG: number = constants.SO_DEBUG;
export const SO_DOMAIN: number = constants.SO_DOMAIN;
export const SO_DONTROUTE: number = constants.SO_DONTROUTE;
export const SO_ERROR: number = constants.SO_ERROR;
export const SO_INCOMING_CPU: number = constants.SO_INCOMING_CPU;
export const SO_KEEPALIVE: number = constants.SO_KEEPALIVE;
export const SO_LINGER: number = constants.SO_LINGER;
export const SO_OOBINLINE: number = constants.SO_OOBINLINE;
export const SO_PASSCRED: number = constants.SO_PASSCRED;
export const SO_PEERCRED: number = constants.SO_PEERCRED;
export const SO_PRIORITY: number = constants.SO_PRIORITY;
export const SO_PROTOCOL: number = constants.SO_PROTOCOL;
export const SO_RCVBUF: number = constants.SO_RCVBUF;
export const SO_RCVLOWAT: number = constants.SO_RCVLOWAT;
export const SO_RCVTIMEO: number = constants.SO_RCVTIMEO;
export const SO_REUSEADDR: number = constants.SO_REUSEADDR;
export const SO_REUSEPORT: number = constants.SO_REUSEPORT;
export const SO_SNDBUF: number = constants.SO_SNDBUF;
export const SO_SNDLOWAT: number = constants.SO_SNDLOWAT;
export const SO_SNDTIMEO: number = constants.SO_SNDTIMEO;
export const SO_TYPE: number = constants.SO_TYPE;

export const IP_TOS: number = constants.IP_TOS;
export const IP_TTL: number = constants.IP_TTL;
export const IPV6_UNICAST_HOPS: number = constants.IPV6_UNICAST_HOPS;
export const IPV6_V6ONLY: number = constants.IPV6_V6ONLY;

export const TCP_CONGESTION: number = constants.TCP_CONGESTION;
export const TCP_CORK: number = constants.TCP_CORK;
export const TCP_DEFER_ACCEPT: number = constants.TCP_DEFER_ACCEPT;
export const TCP_FASTOPEN: number = constants.TCP_FASTOPEN;
export const TCP_INFO: number = constants.TCP_INFO;
export const TCP_KEEPCNT: number = constants.TCP_KEEPCNT;
export const TCP_KEEPIDLE: number = constants.TCP_KEEPIDLE;
export const TCP_KEEPINTVL: number = constants.TCP_KEEPINTVL;
export const TCP_LINGER2: number = constants.TCP_LINGER2;
export const TCP_MAXSEG: number = constants.TCP_MAXSEG;
export const TCP_NODELAY: number = constants.TCP_NODELAY;
export const TCP_NOTSENT_LOWAT: number = constants.TCP_NOTSENT_LOWAT;
export const TCP_QUICKACK: number = constants.TCP_QUICKACK;
export const TCP_SYNCNT: number = constants.TCP_SYNCNT;
export const TCP_USER_TIMEOUT: number = constants.TCP_USER_TIMEOUT;
export const TCP_WINDOW_CLAMP: number = constants.TCP_WINDOW_CLAMP;

export const MSG_CTRUNC: number = constants.MSG_CTRUNC;
export const MSG_DONTROUTE: number = constants.MSG_DONTROUTE;
export const MSG_DONTWAIT: number = constants.MSG_DONTWAIT;
export const MSG_EOR: number = constants.MSG_EOR;
export const MSG_ERRQUEUE: number = constants.MSG_ERRQUEUE;
export const MSG_MORE: number = constants.MSG_MORE;
export const MSG_NOSIGNAL: number = constants.MSG_NOSIGNAL;
export const MSG_OOB: number = constants.MSG_OOB;
export const MSG_PEEK: number = constants.MSG_PEEK;
export const MSG_TRUNC: number = constants.MSG_TRUNC;
export const MSG_WAITALL: number = constants.MSG_WAITALL;

export const SHUT_RD: number = constants.SHUT_RD;
export const SHUT_WR: number = constants.SHUT_WR;
export const SHUT_RDWR: number = constants.SHUT_RDWR;
export const SOMAXCONN: number = constants.SOMAXCONN;

export const EAI_ADDRFAMILY: number = constants.EAI_ADDRFAMILY;
export const EAI_AGAIN: number = constants.EAI_AGAIN;
export const EAI_BADFLAGS: number = constants.EAI_BADFLAGS;
export const EAI_FAIL: number = constants.EAI_FAIL;
export const EAI_FAMILY: number = constants.EAI_FAMILY;
export const EAI_MEMORY: number = constants.EAI_MEMORY;
export const EAI_NODATA: number = constants.EAI_NODATA;
export const EAI_NONAME: number = constants.EAI_NONAME;
export const EAI_OVERFLOW: number = constants.EAI_OVERFLOW;
export const EAI_SERVICE: number = constants.EAI_SERVICE;
export const EAI_SOCKTYPE: number = constants.EAI_SOCKTYPE;
export const EAI_SYSTEM: number = constants.EAI_SYSTEM;
