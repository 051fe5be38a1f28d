namespace Reasoning.Trainer.Starter.Training;

/// <summary>A learning rate that rises linearly over the warm-up and falls along half a cosine to a twentieth of its peak.</summary>
internal static class WarmupCosine
{
    private const double Floor = 0.05;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="steps">Length of the run.</param>
    /// <param name="warmup">Steps of the rise.</param>
    /// <param name="peak">Highest rate.</param>
    internal static double At(int step, int steps, int warmup, double peak)
    {
        double rise = warmup == 0 ? 1 : Math.Min(1, (step + 1.0) / warmup);
        double fall = 0.5 * (1 + Math.Cos(Math.PI * step / steps));
        return peak * rise * (Floor + ((1 - Floor) * fall));
    }
}
