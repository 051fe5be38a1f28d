using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>ZeroSiam's predictor: a square float32 matrix on the final hidden states, the identity at first, applied as h Pᵀ.</summary>
internal sealed class Predictor : IDisposable
{
    public Predictor(int width, Device device)
    {
        Weight = new Parameter(eye(width, dtype: ScalarType.Float32, device: device));
        Weight.DetachFromDisposeScope();
    }

    /// <summary>[width, width]</summary>
    public Parameter Weight { get; }

    /// <summary>‖P − I‖ / √width: 0 at first, 1 for a zero matrix.</summary>
    public double Deviation()
    {
        float[] values = Floats.Of(Weight);
        int width = (int)Weight.shape[0];
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double d = values[i] - (i / width == i % width ? 1 : 0);
            sum += d * d;
        }

        return Math.Sqrt(sum / width);
    }

    public void Dispose() => Weight.Dispose();
}
