namespace Reasoning.Models.Config;

/// <summary>The function on the gate of a feed-forward block.</summary>
internal enum GatedActivation
{
    /// <summary>x · σ(x).</summary>
    Silu,

    /// <summary>x · Φ(x) by the approximation with tanh, <c>gelu_pytorch_tanh</c>.</summary>
    GeluTanh,
}
