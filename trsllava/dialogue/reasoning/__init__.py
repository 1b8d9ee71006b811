"""Fine-grained attribute reasoning (DiaRet's FAR): a dialogue becomes atomic instructions, sentences and keywords."""
