"""TensorRT-LLM's LLM API, measured by the rules of nx-study's kind `llm-inference`."""
