"""Rules about clock and timers, in the order of their numbers, with the features that call for them."""

RULES = {
    "rtc_tickpolicy": "clock.timer",
    "timer_options": "clock.timer",
    "timer_machine": "clock.timer",
    "offset_details": "clock.offset",
    "detail_ignored": "clock.timezone clock.start",
    "tsc_without_kvm": "clock.timer",
    "timer_name": "clock.timer",
}
