/**
 * The constants of the socket module, from this system's headers; undefined if it does not have
 * one. The man pages explain them.
 */
import { native } from "../native.ts";

export * from "./constants-bsd.ts";
export * from "./constants-linux.ts";

const { constants } = native;

// Error numbers that the module has by name: errno(3)
export const EBADF: number = native.errors.EBADF;
export const EAGAIN: number = native.errors.EAGAIN;
export const EWOULDBLOCK: number = native.constants.EWOULDBLOCK;

declare const family: unique symbol;

/** The number of a family whose addresses the compiler knows. */
type Family<Name extends string> = number & { readonly [family]: Name };

/** The type of the constant `AF_INET`: a `socket<AF_INET>` has InetAddresses. ip(7) */
export type AF_INET = Family<"AF_INET">;
/** The type of the constant `AF_INET6`: a `socket<AF_INET6>` has Inet6Addresses. ipv6(7) */
export type AF_INET6 = Family<"AF_INET6">;
/** The type of the constant `AF_UNIX`: a `socket<AF_UNIX>` has paths. unix(7) */
export type AF_UNIX = Family<"AF_UNIX">;

// Address families: address_families(7)
export const AF_UNSPEC: number = constants.AF_UNSPEC;
export const AF_UNIX: AF_UNIX = constants.AF_UNIX as AF_UNIX;
export const AF_INET: AF_INET = constants.AF_INET as AF_INET;
export const AF_INET6: AF_INET6 = constants.AF_INET6 as AF_INET6;
export const AF_ALG: number = constants.AF_ALG;
export const AF_APPLETALK: number = constants.AF_APPLETALK;
export const AF_ASH: number = constants.AF_ASH;
export const AF_ATMPVC: number = constants.AF_ATMPVC;
export const AF_ATMSVC: number = constants.AF_ATMSVC;
export const AF_AX25: number = constants.AF_AX25;
export const AF_BRIDGE: number = constants.AF_BRIDGE;
export const AF_CAN: number = constants.AF_CAN;
export const AF_DECnet: number = constants.AF_DECnet;
export const AF_ECONET: number = constants.AF_ECONET;
export const AF_IPX: number = constants.AF_IPX;
export const AF_IRDA: number = constants.AF_IRDA;
export const AF_KEY: number = constants.AF_KEY;
export const AF_LLC: number = constants.AF_LLC;
export const AF_NETBEUI: number = constants.AF_NETBEUI;
export const AF_NETLINK: number = constants.AF_NETLINK;
export const AF_NETROM: number = constants.AF_NETROM;
export const AF_PACKET: number = constants.AF_PACKET;
export const AF_PPPOX: number = constants.AF_PPPOX;
export const AF_QIPCRTR: number = constants.AF_QIPCRTR;
export const AF_RDS: number = constants.AF_RDS;
export const AF_ROSE: number = constants.AF_ROSE;
export const AF_ROUTE: number = constants.AF_ROUTE;
export const AF_SECURITY: number = constants.AF_SECURITY;
export const AF_SNA: number = constants.AF_SNA;
export const AF_TIPC: number = constants.AF_TIPC;
export const AF_VSOCK: number = constants.AF_VSOCK;
export const AF_WANPIPE: number = constants.AF_WANPIPE;
export const AF_X25: number = constants.AF_X25;

// Types of sockets, and two flags that the type may have: socket(2)
export const SOCK_STREAM: number = constants.SOCK_STREAM;
export const SOCK_DGRAM: number = constants.SOCK_DGRAM;
export const SOCK_RAW: number = constants.SOCK_RAW;
export const SOCK_RDM: number = constants.SOCK_RDM;
export const SOCK_SEQPACKET: number = constants.SOCK_SEQPACKET;
export const SOCK_NONBLOCK: number = constants.SOCK_NONBLOCK;
export const SOCK_CLOEXEC: number = constants.SOCK_CLOEXEC;

// Levels of options: getsockopt(2)
export const SOL_SOCKET: number = constants.SOL_SOCKET;
export const SOL_IP: number = constants.SOL_IP;
export const SOL_TCP: number = constants.SOL_TCP;
export const SOL_UDP: number = constants.SOL_UDP;
export const SOL_ALG: number = constants.SOL_ALG;
export const SOL_CAN_BASE: number = constants.SOL_CAN_BASE;
export const SOL_CAN_RAW: number = constants.SOL_CAN_RAW;
export const SOL_RDS: number = constants.SOL_RDS;
export const SOL_TIPC: number = constants.SOL_TIPC;

// Protocols, which are levels of options too: ip(7), ipv6(7)
export const IPPROTO_IP: number = constants.IPPROTO_IP;
export const IPPROTO_ICMP: number = constants.IPPROTO_ICMP;
export const IPPROTO_TCP: number = constants.IPPROTO_TCP;
export const IPPROTO_UDP: number = constants.IPPROTO_UDP;
export const IPPROTO_IPV6: number = constants.IPPROTO_IPV6;
export const IPPROTO_ICMPV6: number = constants.IPPROTO_ICMPV6;
export const IPPROTO_RAW: number = constants.IPPROTO_RAW;
export const IPPROTO_AH: number = constants.IPPROTO_AH;
export const IPPROTO_DSTOPTS: number = constants.IPPROTO_DSTOPTS;
export const IPPROTO_EGP: number = constants.IPPROTO_EGP;
export const IPPROTO_ESP: number = constants.IPPROTO_ESP;
export const IPPROTO_FRAGMENT: number = constants.IPPROTO_FRAGMENT;
export const IPPROTO_GRE: number = constants.IPPROTO_GRE;
export const IPPROTO_HOPOPTS: number = constants.IPPROTO_HOPOPTS;
export const IPPROTO_IDP: number = constants.IPPROTO_IDP;
export const IPPROTO_IGMP: number = constants.IPPROTO_IGMP;
export const IPPROTO_IPIP: number = constants.IPPROTO_IPIP;
export const IPPROTO_MPTCP: number = constants.IPPROTO_MPTCP;
export const IPPROTO_NONE: number = constants.IPPROTO_NONE;
export const IPPROTO_PIM: number = constants.IPPROTO_PIM;
export const IPPROTO_PUP: number = constants.IPPROTO_PUP;
export const IPPROTO_ROUTING: number = constants.IPPROTO_ROUTING;
export const IPPROTO_RSVP: number = constants.IPPROTO_RSVP;
export const IPPROTO_SCTP: number = constants.IPPROTO_SCTP;
export const IPPROTO_TP: number = constants.IPPROTO_TP;
export const IPPROTO_UDPLITE: number = constants.IPPROTO_UDPLITE;

// Options of every socket, at SOL_SOCKET: socket(7)
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
export const SO_BINDTODEVICE: number = constants.SO_BINDTODEVICE;
export const SO_BINDTOIFINDEX: number = constants.SO_BINDTOIFINDEX;
export const SO_J1939_ERRQUEUE: number = constants.SO_J1939_ERRQUEUE;
export const SO_J1939_FILTER: number = constants.SO_J1939_FILTER;
export const SO_J1939_PROMISC: number = constants.SO_J1939_PROMISC;
export const SO_J1939_SEND_PRIO: number = constants.SO_J1939_SEND_PRIO;
export const SO_MARK: number = constants.SO_MARK;
export const SO_PASSSEC: number = constants.SO_PASSSEC;
export const SO_PEERSEC: number = constants.SO_PEERSEC;
export const SO_VM_SOCKETS_BUFFER_MAX_SIZE: number = constants.SO_VM_SOCKETS_BUFFER_MAX_SIZE;
export const SO_VM_SOCKETS_BUFFER_MIN_SIZE: number = constants.SO_VM_SOCKETS_BUFFER_MIN_SIZE;
export const SO_VM_SOCKETS_BUFFER_SIZE: number = constants.SO_VM_SOCKETS_BUFFER_SIZE;

// Options of IP and IPv6, at IPPROTO_IP and IPPROTO_IPV6: ip(7), ipv6(7)
export const IP_TOS: number = constants.IP_TOS;
export const IP_TTL: number = constants.IP_TTL;
export const IP_ADD_MEMBERSHIP: number = constants.IP_ADD_MEMBERSHIP;
export const IP_ADD_SOURCE_MEMBERSHIP: number = constants.IP_ADD_SOURCE_MEMBERSHIP;
export const IP_BIND_ADDRESS_NO_PORT: number = constants.IP_BIND_ADDRESS_NO_PORT;
export const IP_BLOCK_SOURCE: number = constants.IP_BLOCK_SOURCE;
export const IP_DEFAULT_MULTICAST_LOOP: number = constants.IP_DEFAULT_MULTICAST_LOOP;
export const IP_DEFAULT_MULTICAST_TTL: number = constants.IP_DEFAULT_MULTICAST_TTL;
export const IP_DROP_MEMBERSHIP: number = constants.IP_DROP_MEMBERSHIP;
export const IP_DROP_SOURCE_MEMBERSHIP: number = constants.IP_DROP_SOURCE_MEMBERSHIP;
export const IP_FREEBIND: number = constants.IP_FREEBIND;
export const IP_HDRINCL: number = constants.IP_HDRINCL;
export const IP_MAX_MEMBERSHIPS: number = constants.IP_MAX_MEMBERSHIPS;
export const IP_MULTICAST_IF: number = constants.IP_MULTICAST_IF;
export const IP_MULTICAST_LOOP: number = constants.IP_MULTICAST_LOOP;
export const IP_MULTICAST_TTL: number = constants.IP_MULTICAST_TTL;
export const IP_OPTIONS: number = constants.IP_OPTIONS;
export const IP_PKTINFO: number = constants.IP_PKTINFO;
export const IP_RECVERR: number = constants.IP_RECVERR;
export const IP_RECVOPTS: number = constants.IP_RECVOPTS;
export const IP_RECVORIGDSTADDR: number = constants.IP_RECVORIGDSTADDR;
export const IP_RECVRETOPTS: number = constants.IP_RECVRETOPTS;
export const IP_RECVTOS: number = constants.IP_RECVTOS;
export const IP_RECVTTL: number = constants.IP_RECVTTL;
export const IP_RETOPTS: number = constants.IP_RETOPTS;
export const IP_TRANSPARENT: number = constants.IP_TRANSPARENT;
export const IP_UNBLOCK_SOURCE: number = constants.IP_UNBLOCK_SOURCE;
export const IPV6_UNICAST_HOPS: number = constants.IPV6_UNICAST_HOPS;
export const IPV6_V6ONLY: number = constants.IPV6_V6ONLY;
export const IPV6_CHECKSUM: number = constants.IPV6_CHECKSUM;
export const IPV6_DONTFRAG: number = constants.IPV6_DONTFRAG;
export const IPV6_DSTOPTS: number = constants.IPV6_DSTOPTS;
export const IPV6_HOPLIMIT: number = constants.IPV6_HOPLIMIT;
export const IPV6_HOPOPTS: number = constants.IPV6_HOPOPTS;
export const IPV6_JOIN_GROUP: number = constants.IPV6_JOIN_GROUP;
export const IPV6_LEAVE_GROUP: number = constants.IPV6_LEAVE_GROUP;
export const IPV6_MULTICAST_HOPS: number = constants.IPV6_MULTICAST_HOPS;
export const IPV6_MULTICAST_IF: number = constants.IPV6_MULTICAST_IF;
export const IPV6_MULTICAST_LOOP: number = constants.IPV6_MULTICAST_LOOP;
export const IPV6_NEXTHOP: number = constants.IPV6_NEXTHOP;
export const IPV6_ORIGDSTADDR: number = constants.IPV6_ORIGDSTADDR;
export const IPV6_PATHMTU: number = constants.IPV6_PATHMTU;
export const IPV6_PKTINFO: number = constants.IPV6_PKTINFO;
export const IPV6_RECVDSTOPTS: number = constants.IPV6_RECVDSTOPTS;
export const IPV6_RECVERR: number = constants.IPV6_RECVERR;
export const IPV6_RECVHOPLIMIT: number = constants.IPV6_RECVHOPLIMIT;
export const IPV6_RECVHOPOPTS: number = constants.IPV6_RECVHOPOPTS;
export const IPV6_RECVORIGDSTADDR: number = constants.IPV6_RECVORIGDSTADDR;
export const IPV6_RECVPATHMTU: number = constants.IPV6_RECVPATHMTU;
export const IPV6_RECVPKTINFO: number = constants.IPV6_RECVPKTINFO;
export const IPV6_RECVRTHDR: number = constants.IPV6_RECVRTHDR;
export const IPV6_RECVTCLASS: number = constants.IPV6_RECVTCLASS;
export const IPV6_RTHDR: number = constants.IPV6_RTHDR;
export const IPV6_RTHDRDSTOPTS: number = constants.IPV6_RTHDRDSTOPTS;
export const IPV6_RTHDR_TYPE_0: number = constants.IPV6_RTHDR_TYPE_0;
export const IPV6_TCLASS: number = constants.IPV6_TCLASS;

// Options of TCP, at IPPROTO_TCP: tcp(7)
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
export const TCP_CC_INFO: number = constants.TCP_CC_INFO;
export const TCP_FASTOPEN_CONNECT: number = constants.TCP_FASTOPEN_CONNECT;
export const TCP_FASTOPEN_KEY: number = constants.TCP_FASTOPEN_KEY;
export const TCP_FASTOPEN_NO_COOKIE: number = constants.TCP_FASTOPEN_NO_COOKIE;
export const TCP_INQ: number = constants.TCP_INQ;
export const TCP_MD5SIG: number = constants.TCP_MD5SIG;
export const TCP_MD5SIG_EXT: number = constants.TCP_MD5SIG_EXT;
export const TCP_QUEUE_SEQ: number = constants.TCP_QUEUE_SEQ;
export const TCP_REPAIR: number = constants.TCP_REPAIR;
export const TCP_REPAIR_OPTIONS: number = constants.TCP_REPAIR_OPTIONS;
export const TCP_REPAIR_QUEUE: number = constants.TCP_REPAIR_QUEUE;
export const TCP_REPAIR_WINDOW: number = constants.TCP_REPAIR_WINDOW;
export const TCP_SAVED_SYN: number = constants.TCP_SAVED_SYN;
export const TCP_SAVE_SYN: number = constants.TCP_SAVE_SYN;
export const TCP_THIN_DUPACK: number = constants.TCP_THIN_DUPACK;
export const TCP_THIN_LINEAR_TIMEOUTS: number = constants.TCP_THIN_LINEAR_TIMEOUTS;
export const TCP_TIMESTAMP: number = constants.TCP_TIMESTAMP;
export const TCP_TX_DELAY: number = constants.TCP_TX_DELAY;
export const TCP_ULP: number = constants.TCP_ULP;
export const TCP_ZEROCOPY_RECEIVE: number = constants.TCP_ZEROCOPY_RECEIVE;

// Flags of one call, and those that come with a message: recv(2), send(2)
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
export const MSG_CMSG_CLOEXEC: number = constants.MSG_CMSG_CLOEXEC;
export const MSG_CONFIRM: number = constants.MSG_CONFIRM;
export const MSG_FASTOPEN: number = constants.MSG_FASTOPEN;

// Which sides of a connection to end, shutdown(2); the longest backlog, listen(2)
export const SHUT_RD: number = constants.SHUT_RD;
export const SHUT_WR: number = constants.SHUT_WR;
export const SHUT_RDWR: number = constants.SHUT_RDWR;
export const SOMAXCONN: number = constants.SOMAXCONN;

// A gaierror's numbers: getaddrinfo(3)
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

// Protocol families, of the same numbers as the address families: socket(2)
export const PF_CAN: number = constants.PF_CAN;
export const PF_PACKET: number = constants.PF_PACKET;
export const PF_RDS: number = constants.PF_RDS;

// Types of control data: unix(7), cmsg(3)
export const SCM_CREDENTIALS: number = constants.SCM_CREDENTIALS;
export const SCM_J1939_DEST_ADDR: number = constants.SCM_J1939_DEST_ADDR;
export const SCM_J1939_DEST_NAME: number = constants.SCM_J1939_DEST_NAME;
export const SCM_J1939_ERRQUEUE: number = constants.SCM_J1939_ERRQUEUE;
export const SCM_J1939_PRIO: number = constants.SCM_J1939_PRIO;
export const SCM_RIGHTS: number = constants.SCM_RIGHTS;

// Hints for getaddrinfo: getaddrinfo(3)
export const AI_ADDRCONFIG: number = constants.AI_ADDRCONFIG;
export const AI_ALL: number = constants.AI_ALL;
export const AI_CANONNAME: number = constants.AI_CANONNAME;
export const AI_NUMERICHOST: number = constants.AI_NUMERICHOST;
export const AI_NUMERICSERV: number = constants.AI_NUMERICSERV;
export const AI_PASSIVE: number = constants.AI_PASSIVE;
export const AI_V4MAPPED: number = constants.AI_V4MAPPED;

// Flags of getnameinfo, and the room it needs: getnameinfo(3)
export const NI_DGRAM: number = constants.NI_DGRAM;
export const NI_IDN: number = constants.NI_IDN;
export const NI_MAXHOST: number = constants.NI_MAXHOST;
export const NI_MAXSERV: number = constants.NI_MAXSERV;
export const NI_NAMEREQD: number = constants.NI_NAMEREQD;
export const NI_NOFQDN: number = constants.NI_NOFQDN;
export const NI_NUMERICHOST: number = constants.NI_NUMERICHOST;
export const NI_NUMERICSERV: number = constants.NI_NUMERICSERV;

// Ethernet's protocols
export const ETHERTYPE_ARP: number = constants.ETHERTYPE_ARP;
export const ETHERTYPE_IP: number = constants.ETHERTYPE_IP;
export const ETHERTYPE_IPV6: number = constants.ETHERTYPE_IPV6;
export const ETHERTYPE_VLAN: number = constants.ETHERTYPE_VLAN;

// IPv4 addresses with a meaning of their own, as integers: ip(7)
export const INADDR_ALLHOSTS_GROUP: number = constants.INADDR_ALLHOSTS_GROUP;
export const INADDR_ANY: number = constants.INADDR_ANY;
export const INADDR_BROADCAST: number = constants.INADDR_BROADCAST;
export const INADDR_LOOPBACK: number = constants.INADDR_LOOPBACK;
export const INADDR_MAX_LOCAL_GROUP: number = constants.INADDR_MAX_LOCAL_GROUP;
export const INADDR_NONE: number = constants.INADDR_NONE;
export const INADDR_UNSPEC_GROUP: number = constants.INADDR_UNSPEC_GROUP;

// The first ports that need no privileges, and that no service has by agreement
export const IPPORT_RESERVED: number = constants.IPPORT_RESERVED;
export const IPPORT_USERRESERVED: number = constants.IPPORT_USERRESERVED;
