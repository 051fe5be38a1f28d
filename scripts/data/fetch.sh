#!/usr/bin/env bash
# Fetches AIME 2024 and 2025, AMC and MATH-500 as their publishers have them on the Hugging Face Hub, into a folder (default: data/published):
#   scripts/data/fetch.sh [FOLDER]
# The files have problem or question, and answer, so that they are prompt files as they are: reasoning eval --prompts FOLDER/…
# Not tried where it was written, for want of a network; `reasoning pull` says in one line what is not where it was.
set -euo pipefail
folder=${1:-data/published}
reasoning() { dotnet run -c Release --project "$(dirname "$0")/../../src/Reasoning.Trainer" -- "$@"; }
reasoning pull datasets/HuggingFaceH4/aime_2024 --out "$folder/aime24"
reasoning pull datasets/math-ai/aime25 --out "$folder/aime25"
reasoning pull datasets/AI-MO/aimo-validation-amc --out "$folder/amc"
reasoning pull datasets/HuggingFaceH4/MATH-500 --out "$folder/math-500"
