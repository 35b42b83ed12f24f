"""A worker of the kind `llm-inference`: Hugging Face transformers on PyTorch."""
