// How a sustained stream waits in the kernel on either side of the relay.
//
// The kernel lets both socket buffers grow to megabytes, and wakes a reader for every segment. On a
// short path neither buys anything: what waits there has left the processor's cache when it is
// read, and a wake-up costs as much as relaying 64 KiB. So a short stream gets buffers that fit a
// cache, and is read when half of one has come. (ci/bench proxy, throughput: more than half as fast
// again.) On a long path the window must hold a round trip, so there the kernel's choice stays.
#pragma once

namespace halfopen {

// Bounds the source's receive buffer and the sink's send buffer where that leg's smallest
// round-trip time (tcp(7), tcpi_min_rtt) is short. Once a connection: the kernel does not let such
// a buffer grow again by itself. Streams in a crowd have no cache to themselves; what
// counts for them is the number of wake-ups.
void bound_bulk_buffers(int source, int sink, bool is_in_crowd);

// Readiness is told of a buffer that is half full only (socket(7), SO_RCVLOWAT), or of an end. What
// comes less plentifully must be looked for.
void raise_low_water_mark(int source);
// Readiness is told of any byte again; of those that are there already, too.
void lower_low_water_mark(int source);

}  // namespace halfopen
