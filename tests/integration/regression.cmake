# The regression library, as anybody would run it: every scenario with its controls, and in the kernel
# world those whose tags say that Linux's own NAT can play them. Runs mostly wait, so many of them
# share the machine; no other test does, since their own heartbeat would complain.
add_test(NAME smoke.regression
         COMMAND halfopen run "${PROJECT_SOURCE_DIR}/scenarios/regression" --jobs 32 --out
                 "${CMAKE_BINARY_DIR}/runs/regression" --junit
                 "${CMAKE_BINARY_DIR}/runs/regression.xml")
# The scenarios with the tag `kernel`; regression_library_test.py holds the two lists together.
set(kernel_scenarios connection-killed-on-this-machine
    half-open-the-dialer-believes
    half-open-the-listener-believes
    keepalive-blind-under-constant-traffic
    keepalive-draws-the-reset
    keepalive-finds-a-black-hole
    keepalive-finds-a-power-loss
    keepalive-kills-what-would-have-healed
    keepalive-needs-a-reader
    keepalive-of-the-listener
    keepalive-refreshes-mapping
    keepalive-slower-than-mapping
    nat-idle-timeout-counts-from-the-last-packet
    nat-next-packet-from-inside
    nat-reboot-with-loose-off
    nat-reboot-with-loose-pick-up
    outage-outlives-mapping
    outage-shorter-than-every-patience
    ping-finds-a-black-hole
    ping-finds-the-loss-of-one-direction
    reconnect-after-a-peer-restart
    reconnect-alone-loses-the-vote-under-way
    reconnect-storm-after-a-restart
    reconnect-through-refusals
    reconnect-with-a-dial-deadline-of-its-own
    retry-after-what-a-peer-does
    retry-keeps-votes-for-a-peer-that-is-away
    user-timeout-blind-while-idle
    user-timeout-finds-a-black-hole-under-a-vote
    user-timeout-overrides-the-probe-count
    watch-idle-hears-no-silence)
list(TRANSFORM kernel_scenarios PREPEND "${PROJECT_SOURCE_DIR}/scenarios/regression/")
list(TRANSFORM kernel_scenarios APPEND ".yaml")
add_test(NAME smoke.kernel_regression
         COMMAND halfopen run --world kernel ${kernel_scenarios} --jobs 12 --out
                 "${CMAKE_BINARY_DIR}/runs/kernel-regression")
