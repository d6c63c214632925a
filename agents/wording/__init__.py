"""An answer in a language model's words: what the model is told, and what of its words the reader is shown as backed.

May import agents.answers, agents.language, agents.llm, tools, workloads and core."""
