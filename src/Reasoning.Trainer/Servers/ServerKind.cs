namespace Reasoning.Trainer.Servers;

/// <summary>Which program serves: what can be asked of it beside the form that all of them speak.</summary>
internal enum ServerKind
{
    /// <summary>One that is not known here: it gets what the form itself has, and gives text.</summary>
    Other,

    /// <summary>vLLM.</summary>
    Vllm,

    /// <summary>SGLang.</summary>
    Sglang,

    /// <summary>The server of llama.cpp.</summary>
    LlamaCpp,
}
