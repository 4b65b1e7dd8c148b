"""Rules about a TPM, in the order of their numbers, with the features that call for them."""

RULES = {
    "version_model": "version model",
    "pcr_banks": "pcr_banks",
    "backend_missing": "",
    "external_source": "backend",
    "spapr_machine": "model",
}
