// The numbers that Linux alone has: its own address families, and what belongs to them.
// The file is long because there are that many.
#if defined(__linux__)
// clang-format off: vm_sockets.h of newer kernels uses this header without including it.
#include <sys/socket.h>
// clang-format on
#include <linux/can.h>
#include <linux/can/bcm.h>
#include <linux/can/isotp.h>
#include <linux/can/j1939.h>
#include <linux/can/raw.h>
#include <linux/if_alg.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <sys/ioctl.h>

#include "constants.h"

namespace iomux {

namespace {

constexpr Constant kLinuxConstants[] = {
// CAN: can(7), the raw and broadcast manager protocols, ISO-TP, J1939
#ifdef AF_CAN
    {"AF_CAN", AF_CAN},
#endif
#ifdef CAN_BCM
    {"CAN_BCM", CAN_BCM},
#endif
#ifdef CAN_FD_FRAME
    {"CAN_BCM_CAN_FD_FRAME", CAN_FD_FRAME},
#endif
#ifdef RX_ANNOUNCE_RESUME
    {"CAN_BCM_RX_ANNOUNCE_RESUME", RX_ANNOUNCE_RESUME},
#endif
    {"CAN_BCM_RX_CHANGED", RX_CHANGED},
#ifdef RX_CHECK_DLC
    {"CAN_BCM_RX_CHECK_DLC", RX_CHECK_DLC},
#endif
    {"CAN_BCM_RX_DELETE", RX_DELETE},
#ifdef RX_FILTER_ID
    {"CAN_BCM_RX_FILTER_ID", RX_FILTER_ID},
#endif
#ifdef RX_NO_AUTOTIMER
    {"CAN_BCM_RX_NO_AUTOTIMER", RX_NO_AUTOTIMER},
#endif
    {"CAN_BCM_RX_READ", RX_READ},
#ifdef RX_RTR_FRAME
    {"CAN_BCM_RX_RTR_FRAME", RX_RTR_FRAME},
#endif
    {"CAN_BCM_RX_SETUP", RX_SETUP},
    {"CAN_BCM_RX_STATUS", RX_STATUS},
    {"CAN_BCM_RX_TIMEOUT", RX_TIMEOUT},
#ifdef SETTIMER
    {"CAN_BCM_SETTIMER", SETTIMER},
#endif
#ifdef STARTTIMER
    {"CAN_BCM_STARTTIMER", STARTTIMER},
#endif
#ifdef TX_ANNOUNCE
    {"CAN_BCM_TX_ANNOUNCE", TX_ANNOUNCE},
#endif
#ifdef TX_COUNTEVT
    {"CAN_BCM_TX_COUNTEVT", TX_COUNTEVT},
#endif
#ifdef TX_CP_CAN_ID
    {"CAN_BCM_TX_CP_CAN_ID", TX_CP_CAN_ID},
#endif
    {"CAN_BCM_TX_DELETE", TX_DELETE},
    {"CAN_BCM_TX_EXPIRED", TX_EXPIRED},
    {"CAN_BCM_TX_READ", TX_READ},
#ifdef TX_RESET_MULTI_IDX
    {"CAN_BCM_TX_RESET_MULTI_IDX", TX_RESET_MULTI_IDX},
#endif
    {"CAN_BCM_TX_SEND", TX_SEND},
    {"CAN_BCM_TX_SETUP", TX_SETUP},
    {"CAN_BCM_TX_STATUS", TX_STATUS},
#ifdef CAN_EFF_FLAG
    {"CAN_EFF_FLAG", CAN_EFF_FLAG},
#endif
#ifdef CAN_EFF_MASK
    {"CAN_EFF_MASK", CAN_EFF_MASK},
#endif
#ifdef CAN_ERR_FLAG
    {"CAN_ERR_FLAG", CAN_ERR_FLAG},
#endif
#ifdef CAN_ERR_MASK
    {"CAN_ERR_MASK", CAN_ERR_MASK},
#endif
#ifdef CAN_ISOTP
    {"CAN_ISOTP", CAN_ISOTP},
#endif
#ifdef CAN_J1939
    {"CAN_J1939", CAN_J1939},
#endif
#ifdef CAN_RAW
    {"CAN_RAW", CAN_RAW},
#endif
    {"CAN_RAW_ERR_FILTER", CAN_RAW_ERR_FILTER},
    {"CAN_RAW_FD_FRAMES", CAN_RAW_FD_FRAMES},
    {"CAN_RAW_FILTER", CAN_RAW_FILTER},
    {"CAN_RAW_JOIN_FILTERS", CAN_RAW_JOIN_FILTERS},
    {"CAN_RAW_LOOPBACK", CAN_RAW_LOOPBACK},
    {"CAN_RAW_RECV_OWN_MSGS", CAN_RAW_RECV_OWN_MSGS},
#ifdef CAN_RTR_FLAG
    {"CAN_RTR_FLAG", CAN_RTR_FLAG},
#endif
#ifdef CAN_SFF_MASK
    {"CAN_SFF_MASK", CAN_SFF_MASK},
#endif
    {"J1939_EE_INFO_NONE", J1939_EE_INFO_NONE},
    {"J1939_EE_INFO_TX_ABORT", J1939_EE_INFO_TX_ABORT},
#ifdef J1939_FILTER_MAX
    {"J1939_FILTER_MAX", J1939_FILTER_MAX},
#endif
#ifdef J1939_IDLE_ADDR
    {"J1939_IDLE_ADDR", J1939_IDLE_ADDR},
#endif
#ifdef J1939_MAX_UNICAST_ADDR
    {"J1939_MAX_UNICAST_ADDR", J1939_MAX_UNICAST_ADDR},
#endif
    {"J1939_NLA_BYTES_ACKED", J1939_NLA_BYTES_ACKED},
    {"J1939_NLA_PAD", J1939_NLA_PAD},
#ifdef J1939_NO_ADDR
    {"J1939_NO_ADDR", J1939_NO_ADDR},
#endif
#ifdef J1939_NO_NAME
    {"J1939_NO_NAME", J1939_NO_NAME},
#endif
#ifdef J1939_NO_PGN
    {"J1939_NO_PGN", J1939_NO_PGN},
#endif
#ifdef J1939_PGN_ADDRESS_CLAIMED
    {"J1939_PGN_ADDRESS_CLAIMED", J1939_PGN_ADDRESS_CLAIMED},
#endif
#ifdef J1939_PGN_ADDRESS_COMMANDED
    {"J1939_PGN_ADDRESS_COMMANDED", J1939_PGN_ADDRESS_COMMANDED},
#endif
#ifdef J1939_PGN_MAX
    {"J1939_PGN_MAX", J1939_PGN_MAX},
#endif
#ifdef J1939_PGN_PDU1_MAX
    {"J1939_PGN_PDU1_MAX", J1939_PGN_PDU1_MAX},
#endif
#ifdef J1939_PGN_REQUEST
    {"J1939_PGN_REQUEST", J1939_PGN_REQUEST},
#endif
#ifdef PF_CAN
    {"PF_CAN", PF_CAN},
#endif
#ifdef SOL_CAN_BASE
    {"SOL_CAN_BASE", SOL_CAN_BASE},
#endif
#ifdef SOL_CAN_RAW
    {"SOL_CAN_RAW", SOL_CAN_RAW},
#endif
    {"SCM_J1939_DEST_ADDR", SCM_J1939_DEST_ADDR},
    {"SCM_J1939_DEST_NAME", SCM_J1939_DEST_NAME},
    {"SCM_J1939_ERRQUEUE", SCM_J1939_ERRQUEUE},
    {"SCM_J1939_PRIO", SCM_J1939_PRIO},
    {"SO_J1939_ERRQUEUE", SO_J1939_ERRQUEUE},
    {"SO_J1939_FILTER", SO_J1939_FILTER},
    {"SO_J1939_PROMISC", SO_J1939_PROMISC},
    {"SO_J1939_SEND_PRIO", SO_J1939_SEND_PRIO},

// TIPC
#ifdef TIPC_ADDR_ID
    {"TIPC_ADDR_ID", TIPC_ADDR_ID},
#endif
#ifdef TIPC_ADDR_NAME
    {"TIPC_ADDR_NAME", TIPC_ADDR_NAME},
#endif
#ifdef TIPC_ADDR_NAMESEQ
    {"TIPC_ADDR_NAMESEQ", TIPC_ADDR_NAMESEQ},
#endif
#ifdef TIPC_CFG_SRV
    {"TIPC_CFG_SRV", TIPC_CFG_SRV},
#endif
    {"TIPC_CLUSTER_SCOPE", TIPC_CLUSTER_SCOPE},
#ifdef TIPC_CONN_TIMEOUT
    {"TIPC_CONN_TIMEOUT", TIPC_CONN_TIMEOUT},
#endif
#ifdef TIPC_CRITICAL_IMPORTANCE
    {"TIPC_CRITICAL_IMPORTANCE", TIPC_CRITICAL_IMPORTANCE},
#endif
#ifdef TIPC_DEST_DROPPABLE
    {"TIPC_DEST_DROPPABLE", TIPC_DEST_DROPPABLE},
#endif
#ifdef TIPC_HIGH_IMPORTANCE
    {"TIPC_HIGH_IMPORTANCE", TIPC_HIGH_IMPORTANCE},
#endif
#ifdef TIPC_IMPORTANCE
    {"TIPC_IMPORTANCE", TIPC_IMPORTANCE},
#endif
#ifdef TIPC_LOW_IMPORTANCE
    {"TIPC_LOW_IMPORTANCE", TIPC_LOW_IMPORTANCE},
#endif
#ifdef TIPC_MEDIUM_IMPORTANCE
    {"TIPC_MEDIUM_IMPORTANCE", TIPC_MEDIUM_IMPORTANCE},
#endif
    {"TIPC_NODE_SCOPE", TIPC_NODE_SCOPE},
#ifdef TIPC_PUBLISHED
    {"TIPC_PUBLISHED", TIPC_PUBLISHED},
#endif
#ifdef TIPC_SRC_DROPPABLE
    {"TIPC_SRC_DROPPABLE", TIPC_SRC_DROPPABLE},
#endif
#ifdef TIPC_SUBSCR_TIMEOUT
    {"TIPC_SUBSCR_TIMEOUT", TIPC_SUBSCR_TIMEOUT},
#endif
#ifdef TIPC_SUB_CANCEL
    {"TIPC_SUB_CANCEL", TIPC_SUB_CANCEL},
#endif
#ifdef TIPC_SUB_PORTS
    {"TIPC_SUB_PORTS", TIPC_SUB_PORTS},
#endif
#ifdef TIPC_SUB_SERVICE
    {"TIPC_SUB_SERVICE", TIPC_SUB_SERVICE},
#endif
#ifdef TIPC_TOP_SRV
    {"TIPC_TOP_SRV", TIPC_TOP_SRV},
#endif
#ifdef TIPC_WAIT_FOREVER
    {"TIPC_WAIT_FOREVER", TIPC_WAIT_FOREVER},
#endif
#ifdef TIPC_WITHDRAWN
    {"TIPC_WITHDRAWN", TIPC_WITHDRAWN},
#endif
#ifdef TIPC_ZONE_SCOPE
    {"TIPC_ZONE_SCOPE", TIPC_ZONE_SCOPE},
#endif

// Virtual machines: vsock(7)
#ifdef IOCTL_VM_SOCKETS_GET_LOCAL_CID
    {"IOCTL_VM_SOCKETS_GET_LOCAL_CID", IOCTL_VM_SOCKETS_GET_LOCAL_CID},
#endif
#ifdef SO_VM_SOCKETS_BUFFER_MAX_SIZE
    {"SO_VM_SOCKETS_BUFFER_MAX_SIZE", SO_VM_SOCKETS_BUFFER_MAX_SIZE},
#endif
#ifdef SO_VM_SOCKETS_BUFFER_MIN_SIZE
    {"SO_VM_SOCKETS_BUFFER_MIN_SIZE", SO_VM_SOCKETS_BUFFER_MIN_SIZE},
#endif
#ifdef SO_VM_SOCKETS_BUFFER_SIZE
    {"SO_VM_SOCKETS_BUFFER_SIZE", SO_VM_SOCKETS_BUFFER_SIZE},
#endif
#ifdef VMADDR_CID_ANY
    {"VMADDR_CID_ANY", VMADDR_CID_ANY},
#endif
#ifdef VMADDR_CID_HOST
    {"VMADDR_CID_HOST", VMADDR_CID_HOST},
#endif
#ifdef VMADDR_PORT_ANY
    {"VMADDR_PORT_ANY", VMADDR_PORT_ANY},
#endif
#ifdef VM_SOCKETS_INVALID_VERSION
    {"VM_SOCKETS_INVALID_VERSION", VM_SOCKETS_INVALID_VERSION},
#endif

// The kernel's cryptography
#ifdef AF_ALG
    {"AF_ALG", AF_ALG},
#endif
#ifdef ALG_OP_DECRYPT
    {"ALG_OP_DECRYPT", ALG_OP_DECRYPT},
#endif
#ifdef ALG_OP_ENCRYPT
    {"ALG_OP_ENCRYPT", ALG_OP_ENCRYPT},
#endif
#ifdef ALG_SET_AEAD_ASSOCLEN
    {"ALG_SET_AEAD_ASSOCLEN", ALG_SET_AEAD_ASSOCLEN},
#endif
#ifdef ALG_SET_AEAD_AUTHSIZE
    {"ALG_SET_AEAD_AUTHSIZE", ALG_SET_AEAD_AUTHSIZE},
#endif
#ifdef ALG_SET_IV
    {"ALG_SET_IV", ALG_SET_IV},
#endif
#ifdef ALG_SET_KEY
    {"ALG_SET_KEY", ALG_SET_KEY},
#endif
#ifdef ALG_SET_OP
    {"ALG_SET_OP", ALG_SET_OP},
#endif
    // Newer than some systems' headers, and the same on all.
    {"ALG_OP_SIGN", 2},
    {"ALG_OP_VERIFY", 3},
    {"ALG_SET_PUBKEY", 6},

// Packets and their protocols: packet(7)
#ifdef ETH_P_1588
    {"ETH_P_1588", ETH_P_1588},
#endif
#ifdef ETH_P_8021AD
    {"ETH_P_8021AD", ETH_P_8021AD},
#endif
#ifdef ETH_P_8021AH
    {"ETH_P_8021AH", ETH_P_8021AH},
#endif
#ifdef ETH_P_8021Q
    {"ETH_P_8021Q", ETH_P_8021Q},
#endif
#ifdef ETH_P_80221
    {"ETH_P_80221", ETH_P_80221},
#endif
#ifdef ETH_P_802_2
    {"ETH_P_802_2", ETH_P_802_2},
#endif
#ifdef ETH_P_802_3
    {"ETH_P_802_3", ETH_P_802_3},
#endif
#ifdef ETH_P_802_3_MIN
    {"ETH_P_802_3_MIN", ETH_P_802_3_MIN},
#endif
#ifdef ETH_P_802_EX1
    {"ETH_P_802_EX1", ETH_P_802_EX1},
#endif
#ifdef ETH_P_AARP
    {"ETH_P_AARP", ETH_P_AARP},
#endif
#ifdef ETH_P_AF_IUCV
    {"ETH_P_AF_IUCV", ETH_P_AF_IUCV},
#endif
#ifdef ETH_P_ALL
    {"ETH_P_ALL", ETH_P_ALL},
#endif
#ifdef ETH_P_AOE
    {"ETH_P_AOE", ETH_P_AOE},
#endif
#ifdef ETH_P_ARCNET
    {"ETH_P_ARCNET", ETH_P_ARCNET},
#endif
#ifdef ETH_P_ARP
    {"ETH_P_ARP", ETH_P_ARP},
#endif
#ifdef ETH_P_ATALK
    {"ETH_P_ATALK", ETH_P_ATALK},
#endif
#ifdef ETH_P_ATMFATE
    {"ETH_P_ATMFATE", ETH_P_ATMFATE},
#endif
#ifdef ETH_P_ATMMPOA
    {"ETH_P_ATMMPOA", ETH_P_ATMMPOA},
#endif
#ifdef ETH_P_AX25
    {"ETH_P_AX25", ETH_P_AX25},
#endif
#ifdef ETH_P_BATMAN
    {"ETH_P_BATMAN", ETH_P_BATMAN},
#endif
#ifdef ETH_P_BPQ
    {"ETH_P_BPQ", ETH_P_BPQ},
#endif
#ifdef ETH_P_CAIF
    {"ETH_P_CAIF", ETH_P_CAIF},
#endif
#ifdef ETH_P_CAN
    {"ETH_P_CAN", ETH_P_CAN},
#endif
#ifdef ETH_P_CANFD
    {"ETH_P_CANFD", ETH_P_CANFD},
#endif
#ifdef ETH_P_CANXL
    {"ETH_P_CANXL", ETH_P_CANXL},
#endif
#ifdef ETH_P_CFM
    {"ETH_P_CFM", ETH_P_CFM},
#endif
#ifdef ETH_P_CONTROL
    {"ETH_P_CONTROL", ETH_P_CONTROL},
#endif
#ifdef ETH_P_CUST
    {"ETH_P_CUST", ETH_P_CUST},
#endif
#ifdef ETH_P_DDCMP
    {"ETH_P_DDCMP", ETH_P_DDCMP},
#endif
#ifdef ETH_P_DEC
    {"ETH_P_DEC", ETH_P_DEC},
#endif
#ifdef ETH_P_DIAG
    {"ETH_P_DIAG", ETH_P_DIAG},
#endif
#ifdef ETH_P_DNA_DL
    {"ETH_P_DNA_DL", ETH_P_DNA_DL},
#endif
#ifdef ETH_P_DNA_RC
    {"ETH_P_DNA_RC", ETH_P_DNA_RC},
#endif
#ifdef ETH_P_DNA_RT
    {"ETH_P_DNA_RT", ETH_P_DNA_RT},
#endif
#ifdef ETH_P_DSA
    {"ETH_P_DSA", ETH_P_DSA},
#endif
#ifdef ETH_P_DSA_8021Q
    {"ETH_P_DSA_8021Q", ETH_P_DSA_8021Q},
#endif
#ifdef ETH_P_DSA_A5PSW
    {"ETH_P_DSA_A5PSW", ETH_P_DSA_A5PSW},
#endif
#ifdef ETH_P_ECONET
    {"ETH_P_ECONET", ETH_P_ECONET},
#endif
#ifdef ETH_P_EDSA
    {"ETH_P_EDSA", ETH_P_EDSA},
#endif
#ifdef ETH_P_ERSPAN
    {"ETH_P_ERSPAN", ETH_P_ERSPAN},
#endif
#ifdef ETH_P_ERSPAN2
    {"ETH_P_ERSPAN2", ETH_P_ERSPAN2},
#endif
#ifdef ETH_P_ETHERCAT
    {"ETH_P_ETHERCAT", ETH_P_ETHERCAT},
#endif
#ifdef ETH_P_FCOE
    {"ETH_P_FCOE", ETH_P_FCOE},
#endif
#ifdef ETH_P_FIP
    {"ETH_P_FIP", ETH_P_FIP},
#endif
#ifdef ETH_P_HDLC
    {"ETH_P_HDLC", ETH_P_HDLC},
#endif
#ifdef ETH_P_HSR
    {"ETH_P_HSR", ETH_P_HSR},
#endif
#ifdef ETH_P_IBOE
    {"ETH_P_IBOE", ETH_P_IBOE},
#endif
#ifdef ETH_P_IEEE802154
    {"ETH_P_IEEE802154", ETH_P_IEEE802154},
#endif
#ifdef ETH_P_IEEEPUP
    {"ETH_P_IEEEPUP", ETH_P_IEEEPUP},
#endif
#ifdef ETH_P_IEEEPUPAT
    {"ETH_P_IEEEPUPAT", ETH_P_IEEEPUPAT},
#endif
#ifdef ETH_P_IFE
    {"ETH_P_IFE", ETH_P_IFE},
#endif
#ifdef ETH_P_IP
    {"ETH_P_IP", ETH_P_IP},
#endif
#ifdef ETH_P_IPV6
    {"ETH_P_IPV6", ETH_P_IPV6},
#endif
#ifdef ETH_P_IPX
    {"ETH_P_IPX", ETH_P_IPX},
#endif
#ifdef ETH_P_IRDA
    {"ETH_P_IRDA", ETH_P_IRDA},
#endif
#ifdef ETH_P_LAT
    {"ETH_P_LAT", ETH_P_LAT},
#endif
#ifdef ETH_P_LINK_CTL
    {"ETH_P_LINK_CTL", ETH_P_LINK_CTL},
#endif
#ifdef ETH_P_LLDP
    {"ETH_P_LLDP", ETH_P_LLDP},
#endif
#ifdef ETH_P_LOCALTALK
    {"ETH_P_LOCALTALK", ETH_P_LOCALTALK},
#endif
#ifdef ETH_P_LOOP
    {"ETH_P_LOOP", ETH_P_LOOP},
#endif
#ifdef ETH_P_LOOPBACK
    {"ETH_P_LOOPBACK", ETH_P_LOOPBACK},
#endif
#ifdef ETH_P_MACSEC
    {"ETH_P_MACSEC", ETH_P_MACSEC},
#endif
#ifdef ETH_P_MAP
    {"ETH_P_MAP", ETH_P_MAP},
#endif
#ifdef ETH_P_MCTP
    {"ETH_P_MCTP", ETH_P_MCTP},
#endif
#ifdef ETH_P_MOBITEX
    {"ETH_P_MOBITEX", ETH_P_MOBITEX},
#endif
#ifdef ETH_P_MPLS_MC
    {"ETH_P_MPLS_MC", ETH_P_MPLS_MC},
#endif
#ifdef ETH_P_MPLS_UC
    {"ETH_P_MPLS_UC", ETH_P_MPLS_UC},
#endif
#ifdef ETH_P_MRP
    {"ETH_P_MRP", ETH_P_MRP},
#endif
#ifdef ETH_P_MVRP
    {"ETH_P_MVRP", ETH_P_MVRP},
#endif
#ifdef ETH_P_NCSI
    {"ETH_P_NCSI", ETH_P_NCSI},
#endif
#ifdef ETH_P_NSH
    {"ETH_P_NSH", ETH_P_NSH},
#endif
#ifdef ETH_P_PAE
    {"ETH_P_PAE", ETH_P_PAE},
#endif
#ifdef ETH_P_PAUSE
    {"ETH_P_PAUSE", ETH_P_PAUSE},
#endif
#ifdef ETH_P_PHONET
    {"ETH_P_PHONET", ETH_P_PHONET},
#endif
#ifdef ETH_P_PPPTALK
    {"ETH_P_PPPTALK", ETH_P_PPPTALK},
#endif
#ifdef ETH_P_PPP_DISC
    {"ETH_P_PPP_DISC", ETH_P_PPP_DISC},
#endif
#ifdef ETH_P_PPP_MP
    {"ETH_P_PPP_MP", ETH_P_PPP_MP},
#endif
#ifdef ETH_P_PPP_SES
    {"ETH_P_PPP_SES", ETH_P_PPP_SES},
#endif
#ifdef ETH_P_PREAUTH
    {"ETH_P_PREAUTH", ETH_P_PREAUTH},
#endif
#ifdef ETH_P_PROFINET
    {"ETH_P_PROFINET", ETH_P_PROFINET},
#endif
#ifdef ETH_P_PRP
    {"ETH_P_PRP", ETH_P_PRP},
#endif
#ifdef ETH_P_PUP
    {"ETH_P_PUP", ETH_P_PUP},
#endif
#ifdef ETH_P_PUPAT
    {"ETH_P_PUPAT", ETH_P_PUPAT},
#endif
#ifdef ETH_P_QINQ1
    {"ETH_P_QINQ1", ETH_P_QINQ1},
#endif
#ifdef ETH_P_QINQ2
    {"ETH_P_QINQ2", ETH_P_QINQ2},
#endif
#ifdef ETH_P_QINQ3
    {"ETH_P_QINQ3", ETH_P_QINQ3},
#endif
#ifdef ETH_P_RARP
    {"ETH_P_RARP", ETH_P_RARP},
#endif
#ifdef ETH_P_REALTEK
    {"ETH_P_REALTEK", ETH_P_REALTEK},
#endif
#ifdef ETH_P_SCA
    {"ETH_P_SCA", ETH_P_SCA},
#endif
#ifdef ETH_P_SLOW
    {"ETH_P_SLOW", ETH_P_SLOW},
#endif
#ifdef ETH_P_SNAP
    {"ETH_P_SNAP", ETH_P_SNAP},
#endif
#ifdef ETH_P_TDLS
    {"ETH_P_TDLS", ETH_P_TDLS},
#endif
#ifdef ETH_P_TEB
    {"ETH_P_TEB", ETH_P_TEB},
#endif
#ifdef ETH_P_TIPC
    {"ETH_P_TIPC", ETH_P_TIPC},
#endif
#ifdef ETH_P_TRAILER
    {"ETH_P_TRAILER", ETH_P_TRAILER},
#endif
#ifdef ETH_P_TR_802_2
    {"ETH_P_TR_802_2", ETH_P_TR_802_2},
#endif
#ifdef ETH_P_TSN
    {"ETH_P_TSN", ETH_P_TSN},
#endif
#ifdef ETH_P_WAN_PPP
    {"ETH_P_WAN_PPP", ETH_P_WAN_PPP},
#endif
#ifdef ETH_P_WCCP
    {"ETH_P_WCCP", ETH_P_WCCP},
#endif
#ifdef ETH_P_X25
    {"ETH_P_X25", ETH_P_X25},
#endif
#ifdef ETH_P_XDSA
    {"ETH_P_XDSA", ETH_P_XDSA},
#endif
#ifdef PACKET_BROADCAST
    {"PACKET_BROADCAST", PACKET_BROADCAST},
#endif
#ifdef PACKET_FASTROUTE
    {"PACKET_FASTROUTE", PACKET_FASTROUTE},
#endif
#ifdef PACKET_HOST
    {"PACKET_HOST", PACKET_HOST},
#endif
#ifdef PACKET_LOOPBACK
    {"PACKET_LOOPBACK", PACKET_LOOPBACK},
#endif
#ifdef PACKET_MULTICAST
    {"PACKET_MULTICAST", PACKET_MULTICAST},
#endif
#ifdef PACKET_OTHERHOST
    {"PACKET_OTHERHOST", PACKET_OTHERHOST},
#endif
#ifdef PACKET_OUTGOING
    {"PACKET_OUTGOING", PACKET_OUTGOING},
#endif

// Netlink: netlink(7)
#ifdef NETLINK_CRYPTO
    {"NETLINK_CRYPTO", NETLINK_CRYPTO},
#endif
#ifdef NETLINK_DNRTMSG
    {"NETLINK_DNRTMSG", NETLINK_DNRTMSG},
#endif
#ifdef NETLINK_FIREWALL
    {"NETLINK_FIREWALL", NETLINK_FIREWALL},
#endif
#ifdef NETLINK_GENERIC
    {"NETLINK_GENERIC", NETLINK_GENERIC},
#endif
#ifdef NETLINK_IP6_FW
    {"NETLINK_IP6_FW", NETLINK_IP6_FW},
#endif
#ifdef NETLINK_KOBJECT_UEVENT
    {"NETLINK_KOBJECT_UEVENT", NETLINK_KOBJECT_UEVENT},
#endif
#ifdef NETLINK_NFLOG
    {"NETLINK_NFLOG", NETLINK_NFLOG},
#endif
#ifdef NETLINK_ROUTE
    {"NETLINK_ROUTE", NETLINK_ROUTE},
#endif
#ifdef NETLINK_USERSOCK
    {"NETLINK_USERSOCK", NETLINK_USERSOCK},
#endif
#ifdef NETLINK_XFRM
    {"NETLINK_XFRM", NETLINK_XFRM},
#endif

    // UDP-Lite: udplite(7)
    // In no header but the kernel's own.
    {"UDPLITE_RECV_CSCOV", 11},
    {"UDPLITE_SEND_CSCOV", 10},
};

}  // namespace

std::span<const Constant> LinuxConstants() { return kLinuxConstants; }

}  // namespace iomux

#endif
