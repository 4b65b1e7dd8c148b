"""Rules about displays and cards together, in the order of their numbers, with the features that call for them."""

RULES = {
    "graphics_twice": "graphics",
    "none_and_others": "video",
    "two_primaries": "video",
    "secondary_model": "video",
    "egl_headless": "graphics",
    "audio_references": "sound graphics audio",
    "spice_audio": "audio",
    "sound_model": "sound",
}
