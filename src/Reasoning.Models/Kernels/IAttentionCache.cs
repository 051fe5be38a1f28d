using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// What the tokens of a pass attend to: each other alone (<see cref="SequenceLayout"/>, training and scoring), each other, with
/// their keys and values kept for later (<c>PromptCache</c>), or all that was kept of their sequences (<c>DeviceCache</c>).
/// </summary>
internal interface IAttentionCache
{
    /// <summary>Lets each token attend to itself and to those before it in its sequence.</summary>
    /// <param name="layer">Number of the layer, from 0.</param>
    /// <param name="query">[tokens, heads, headDim], rotated</param>
    /// <param name="key">[tokens, keyValueHeads, headDim], rotated</param>
    /// <param name="value">[tokens, keyValueHeads, headDim]</param>
    /// <param name="window">Tokens that each one attends to, itself included; null for all.</param>
    /// <param name="scale">Factor on the scores.</param>
    /// <returns>[tokens, heads, headDim]</returns>
    Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, int? window, double scale);
}
