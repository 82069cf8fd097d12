// The numbers that only macOS and the BSDs have.
#if !defined(__linux__)

// As in constants.cc.
#define __APPLE_USE_RFC_3542 1

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#if __has_include(<sys/sys_domain.h>)
#include <sys/sys_domain.h>
#endif

#include "constants.h"

namespace iomux {

namespace {

constexpr Constant kBsdConstants[] = {
// Address families, and macOS's own protocol
#ifdef AF_DIVERT
    {"AF_DIVERT", AF_DIVERT},
#endif
#ifdef AF_LINK
    {"AF_LINK", AF_LINK},
#endif
#ifdef AF_SYSTEM
    {"AF_SYSTEM", AF_SYSTEM},
#endif
#ifdef PF_DIVERT
    {"PF_DIVERT", PF_DIVERT},
#endif
#ifdef PF_SYSTEM
    {"PF_SYSTEM", PF_SYSTEM},
#endif
#ifdef SYSPROTO_CONTROL
    {"SYSPROTO_CONTROL", SYSPROTO_CONTROL},
#endif

// Protocols
#ifdef IPPROTO_BIP
    {"IPPROTO_BIP", IPPROTO_BIP},
#endif
#ifdef IPPROTO_EON
    {"IPPROTO_EON", IPPROTO_EON},
#endif
#ifdef IPPROTO_GGP
    {"IPPROTO_GGP", IPPROTO_GGP},
#endif
#ifdef IPPROTO_HELLO
    {"IPPROTO_HELLO", IPPROTO_HELLO},
#endif
#ifdef IPPROTO_IPCOMP
    {"IPPROTO_IPCOMP", IPPROTO_IPCOMP},
#endif
#ifdef IPPROTO_IPV4
    {"IPPROTO_IPV4", IPPROTO_IPV4},
#endif
#ifdef IPPROTO_MAX
    {"IPPROTO_MAX", IPPROTO_MAX},
#endif
#ifdef IPPROTO_MOBILE
    {"IPPROTO_MOBILE", IPPROTO_MOBILE},
#endif
#ifdef IPPROTO_ND
    {"IPPROTO_ND", IPPROTO_ND},
#endif
#ifdef IPPROTO_VRRP
    {"IPPROTO_VRRP", IPPROTO_VRRP},
#endif
#ifdef IPPROTO_XTP
    {"IPPROTO_XTP", IPPROTO_XTP},
#endif

// Socket options, and who the peer is
#ifdef SO_RTABLE
    {"SO_RTABLE", SO_RTABLE},
#endif
#ifdef SO_SETFIB
    {"SO_SETFIB", SO_SETFIB},
#endif
#ifdef SO_USELOOPBACK
    {"SO_USELOOPBACK", SO_USELOOPBACK},
#endif
#ifdef SO_USER_COOKIE
    {"SO_USER_COOKIE", SO_USER_COOKIE},
#endif
#ifdef LOCAL_CREDS
    {"LOCAL_CREDS", LOCAL_CREDS},
#endif
#ifdef LOCAL_CREDS_PERSISTENT
    {"LOCAL_CREDS_PERSISTENT", LOCAL_CREDS_PERSISTENT},
#endif
#ifdef LOCAL_PEERCRED
    {"LOCAL_PEERCRED", LOCAL_PEERCRED},
#endif
#ifdef SCM_CREDS
    {"SCM_CREDS", SCM_CREDS},
#endif
#ifdef SCM_CREDS2
    {"SCM_CREDS2", SCM_CREDS2},
#endif

// IP and TCP options
#ifdef IP_RECVDSTADDR
    {"IP_RECVDSTADDR", IP_RECVDSTADDR},
#endif
#ifdef IPV6_RTHDR_LOOSE
    {"IPV6_RTHDR_LOOSE", IPV6_RTHDR_LOOSE},
#endif
#ifdef IPV6_RTHDR_STRICT
    {"IPV6_RTHDR_STRICT", IPV6_RTHDR_STRICT},
#endif
#ifdef IPV6_USE_MIN_MTU
    {"IPV6_USE_MIN_MTU", IPV6_USE_MIN_MTU},
#endif
#ifdef TCP_CONNECTION_INFO
    {"TCP_CONNECTION_INFO", TCP_CONNECTION_INFO},
#endif
#ifdef TCP_KEEPALIVE
    {"TCP_KEEPALIVE", TCP_KEEPALIVE},
#endif

// Flags of recv and send
#ifdef MSG_BCAST
    {"MSG_BCAST", MSG_BCAST},
#endif
#ifdef MSG_BTAG
    {"MSG_BTAG", MSG_BTAG},
#endif
#ifdef MSG_EOF
    {"MSG_EOF", MSG_EOF},
#endif
#ifdef MSG_ETAG
    {"MSG_ETAG", MSG_ETAG},
#endif
#ifdef MSG_MCAST
    {"MSG_MCAST", MSG_MCAST},
#endif
#ifdef MSG_NOTIFICATION
    {"MSG_NOTIFICATION", MSG_NOTIFICATION},
#endif

// The resolver's hints and errors
#ifdef AI_DEFAULT
    {"AI_DEFAULT", AI_DEFAULT},
#endif
#ifdef AI_MASK
    {"AI_MASK", AI_MASK},
#endif
#ifdef AI_V4MAPPED_CFG
    {"AI_V4MAPPED_CFG", AI_V4MAPPED_CFG},
#endif
#ifdef EAI_BADHINTS
    {"EAI_BADHINTS", EAI_BADHINTS},
#endif
#ifdef EAI_MAX
    {"EAI_MAX", EAI_MAX},
#endif
#ifdef EAI_PROTOCOL
    {"EAI_PROTOCOL", EAI_PROTOCOL},
#endif
};

}  // namespace

std::span<const Constant> BsdConstants() { return kBsdConstants; }

}  // namespace iomux

#endif
