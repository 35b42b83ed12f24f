"""SGLang's offline engine, measured by the rules of nx-study's kind `llm-inference`."""
