using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>ZeroSiam's predictor: a square float32 matrix on the final hidden states, the identity at first, applied as h Pᵀ.</summary>
internal sealed class Predictor : IDisposable
{
    /// <summary>Of its matrix, in checkpoints and messages.</summary>
    public const string Name = "predictor.weight";

    public Predictor(int width, Device device)
    {
        Weight = new Parameter(eye(width, dtype: ScalarType.Float32, device: device));
        Weight.DetachFromDisposeScope();
    }

    /// <summary>[width, width]</summary>
    public Parameter Weight { get; }

    /// <summary>[] ‖P − I‖ / √width: 0 at first, 1 for a zero matrix; owned by the caller's scope.</summary>
    public Tensor Deviation()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long width = Weight.shape[0];
        Tensor from = (Weight - eye(width, dtype: ScalarType.Float32, device: Weight.device)).to(ScalarType.Float64);
        return (from.norm() / Math.Sqrt(width)).MoveToOuterDisposeScope();
    }

    public void Dispose() => Weight.Dispose();
}
