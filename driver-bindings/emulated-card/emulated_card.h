/**
 * Control interface of the emulated card: how tests and demonstrations disturb and observe a card that XRT drives.
 *
 * The functions are exported by the driver plug-in (lib/libxrt_core.so.2). They act on the cards of the calling
 * process, may be called from any thread at any time, and never block on a running kernel.
 * Functions that return int return 0, or a negative errno value and one line on standard error.
 *
 * Environment, read once when the plug-in is loaded:
 *   JPEGACT_CARD_COUNT   number of cards, 0 to 16, default 1
 *   JPEGACT_CARD_FAULTS  a fault specification, see jpegact_card_set_faults; opening a card fails with EINVAL
 *                        when it is malformed
 *   JPEGACT_CARD_LOG     0 errors only (default), 1 card events, 2 each call
 */
#ifndef JPEGACT_EMULATED_CARD_H
#define JPEGACT_EMULATED_CARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Direction of jpegact_card_bytes_synced: the values of XRT's xclBOSyncDirection. */
enum jpegact_card_direction { JPEGACT_CARD_TO_DEVICE = 0, JPEGACT_CARD_FROM_DEVICE = 1 };

/**
 * Replaces the faults of all cards, clears the hit counters and releases all that is held. NULL or "" removes every fault.
 *
 *   specification := rule { "," rule }
 *   rule          := point [ "=" value [ ".." value ] ] [ "@" skip ] [ "*" count | "*forever" ] [ "~" probability [ "/" seed ] ]
 *
 * A rule looks at each occurrence of its point: it lets the first `skip` pass (default 0), then fires `count` times
 * (default 1; forever with "~") at each occurrence, or with the given probability (0 to 1) drawn from a generator
 * with the given seed (default 0). The first rule that fires decides; every rule counts every occurrence. Of the points
 * hang to lost, at most one fires at a kernel start. A time may be a range: each firing draws from it, by the same seed.
 *
 *   point     happens at                      value (default)    effect
 *   open      xclOpen                         errno (ENODEV)     the card does not open
 *   load      xclLoadXclBin                   errno (EIO)        the image is not loaded
 *   alloc     buffer allocation               errno (ENOMEM)     no buffer; command packets are not affected
 *   map       xclMapBO                        errno (EIO)        no mapping; command packets are not affected
 *   sync_in   host-to-card transfer           errno (EIO)        nothing is copied
 *   sync_out  card-to-host transfer           errno (EIO)        nothing is copied
 *   corrupt_in  host-to-card transfer         bit 0..7 (0)       the transfer ends well, one bit of what arrived is flipped
 *   copy      xclCopyBO, ERT_START_COPYBO     errno (EIO)        nothing is copied; XRT then copies through the host
 *   context   xclOpenContext                  errno (EBUSY)      no context
 *   submit    xclExecBuf of a kernel          errno (EBUSY)      the command is not queued
 *   remove    xclExecBuf of a kernel          milliseconds (0)   the card leaves the bus: see jpegact_card_remove. After
 *                                                                the time it is back, blank; 0: it stays away
 *   slow      a kernel starts                 milliseconds (10)  the compute unit waits, then runs the kernel
 *   slow_sync a transfer starts               milliseconds (10)  the transfer is delayed
 *   hold      a kernel starts                 milliseconds       the compute unit waits for jpegact_card_release, then runs
 *                                             (60000)            the kernel
 *   hold_in   a host-to-card transfer starts  milliseconds       the transfer waits for jpegact_card_release
 *                                             (60000)
 *   hold_out  a card-to-host transfer starts  milliseconds       the transfer waits for jpegact_card_release
 *                                             (60000)
 *   hold_open, hold_load, hold_alloc, hold_submit  milliseconds  the call waits for jpegact_card_release: a driver whose
 *             where open, load, alloc and submit are (60000)     call does not return
 *   hold_free, hold_close_context, hold_close        milliseconds  the freeing of a data buffer, the closing of a kernel's
 *                                             (60000)            context and that of a handle wait for jpegact_card_release.
 *                                                                They tell no error: in the end they do what they are for
 *   hang      a kernel starts                 milliseconds (0)   the compute unit does not answer, until reset or removal,
 *                                                                or until the time is over and a watchdog resets it;
 *                                                                0: there is no watchdog
 *   error     a kernel starts                 none               the command ends in ERT_CMD_STATE_ERROR
 *   timeout   a kernel starts                 none               the command ends in ERT_CMD_STATE_TIMEOUT
 *   firewall  a kernel starts                 none               as error, with an asynchronous firewall error
 *   drop      a kernel starts                 none               "completed", but the kernel has not run
 *   corrupt   a kernel starts                 bit 0..7 (0)       "completed", one bit of the output is flipped
 *   swap      a kernel starts                 none               "completed", two words of the output have changed places
 *   lost      a kernel starts                 milliseconds (0)   the kernel runs, but its completion is lost: as hang
 *
 * An errno value is a number or one of EPERM ENOENT EIO EAGAIN ENOMEM EACCES EBUSY ENODEV EINVAL ENOSPC EPROTO
 * ETIMEDOUT. `corrupt` flips the bit of the middle byte of the longest range of bytes that the kernel changed in one of
 * its output buffers (pointer arguments not declared const; ties go to the lower argument). If it changed none, byte 0
 * of the largest output buffer is taken. `swap` exchanges the first of the 64-bit words in the first half of the same range
 * that differs from one in the second half with that one: the range's sum stays as it was, so that only who computes the
 * result again can tell. Where all its words are equal, or nothing was changed, nothing happens. `corrupt_in` flips the bit of the middle byte of the transfer, in card memory.
 *
 * What `hold` and `hold_...` hold goes on when it is released, so that a test says in which order things end and
 * depends on no clock. A hold that nobody releases within its milliseconds fails loudly: one line on standard error, and the
 * command ends in ERT_CMD_STATE_TIMEOUT, the call with ETIMEDOUT. The removal of the card ends it in ERT_CMD_STATE_ABORT,
 * or with ENODEV; not where something is freed or closed, which a host does after a removal too.
 *
 * Returns -EINVAL, and leaves the faults as they were, when the specification is malformed.
 */
int jpegact_card_set_faults(const char* specification);

/** How often rules of this fault point have fired since the last jpegact_card_set_faults; -EINVAL: no such point. */
int64_t jpegact_card_fault_hits(const char* point);

/**
 * Lets a firing of a hold point go on, be it held by now or yet to come: 1 is the first since the last
 * jpegact_card_set_faults; 0: all, those to come too. -EINVAL: no such hold point.
 */
int jpegact_card_release(const char* point, uint32_t firing);

/** Told when a call into the driver is about to be held (`held` 1) and when it goes on (0), on the thread of the call. */
typedef void (*jpegact_card_hold_observer)(const char* point, int held);

/**
 * Has an observer told of each call that a hold point (but `hold`, which holds no call) holds, in place of the one before;
 * NULL: none. So a test knows which thread is held, and no other.
 */
void jpegact_card_observe_holds(jpegact_card_hold_observer observer);

/**
 * Takes a card off the bus. Commands in flight end in ERT_CMD_STATE_ABORT; every later call on its open handles fails
 * with ENODEV for good, except the freeing of buffers, contexts and handles. -ENODEV: no such card, or already gone.
 */
int jpegact_card_remove(uint32_t index);

/** Puts a removed card back, blank: it must be opened and loaded anew. -ENODEV: no such card; -EEXIST: not removed. */
int jpegact_card_restore(uint32_t index);

/** Records an asynchronous AXI firewall error, as xrtErrorGetLast reports it. -ENODEV: no such card, or gone. */
int jpegact_card_raise_firewall(uint32_t index);

/** Resets a card's compute units: a hung command ends in ERT_CMD_STATE_ABORT. -ENODEV: no such card, or gone. */
int jpegact_card_reset(uint32_t index);

/** Commands that a compute unit ("kernel:instance") has ended since its image was loaded; -ENODEV, -ENOENT. */
int64_t jpegact_card_runs(uint32_t index, const char* compute_unit);

/** What the launches of a compute unit took since its image was loaded. Failed launches are not counted. */
struct jpegact_card_times {
    uint64_t launches;          /* that ended well */
    double real_seconds;        /* that the C simulation of the kernel took on this processor */
    uint64_t modelled_launches; /* of those, the ones that the cycle model knows */
    uint64_t descriptors;       /* that the modelled launches carried out */
    double model_seconds;       /* MODEL, not a measurement: what the modelled launches would take on a card */
    double model_fixed_seconds; /* the part of them that does not grow with the data */
    char model_limit[32];       /* what most of the rest would be spent waiting for; "" for none */
};

/**
 * Modelled and real kernel time of a compute unit ("kernel:instance"). The model is fpga-kernels/model; its figures must
 * be shown as a model wherever they are shown. -ENODEV, -ENOENT; -EINVAL: `time` is null.
 */
int jpegact_card_kernel_time(uint32_t index, const char* compute_unit, struct jpegact_card_times* time);

/** Data buffers that are allocated and not freed; command packets are not counted. -ENODEV: no such card. */
int64_t jpegact_card_live_buffers(uint32_t index);

/** What went on at once on a card since somebody last looked, and how its buffers were made. */
struct jpegact_card_traffic {
    uint32_t peak_to_device;   /* most transfers to the card under way at once */
    uint32_t peak_from_device; /* most transfers from the card under way at once */
    uint32_t peak_units;       /* most compute units at work at once */
    uint32_t user_buffers;     /* data buffers allocated over pages that the driver was given: the program's, or those
                                  that XRT 2.13 gives it for a buffer without */
    uint32_t driver_buffers;   /* data buffers allocated with host pages of the driver's */
};

/**
 * Tells what went on since the last call, and begins anew; the first call only begins. -ENODEV: no such card; -EINVAL:
 * `traffic` is null.
 */
int jpegact_card_take_traffic(uint32_t index, struct jpegact_card_traffic* traffic);

/** Bytes that transfers have copied in one direction since the process started. -ENODEV, -EINVAL. */
int64_t jpegact_card_bytes_synced(uint32_t index, int direction);

#ifdef __cplusplus
}
#endif

#endif
