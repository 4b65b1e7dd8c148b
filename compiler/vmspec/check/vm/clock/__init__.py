"""Rules about clock and timers, in the order of their numbers, with the features that call for them."""

RULES = {
    "rtc_tickpolicy": "clock",
    "timer_options": "clock",
    "timer_machine": "clock",
    "offset_details": "clock",
    "detail_ignored": "clock",
    "tsc_without_kvm": "clock",
}
