namespace TorchSharp;

/// <summary>Range checks of the options that Adam and AdamW share.</summary>
internal static class AdamChecks
{
    internal static void RequireValid(double lr, double beta1, double beta2, double eps, double weightDecay)
    {
        if (lr < 0)
            throw new ArgumentException($"Invalid learning rate: {lr}");
        if (eps < 0)
            throw new ArgumentException($"Invalid ε: {eps}");
        if (beta1 is < 0 or >= 1)
            throw new ArgumentException($"Invalid beta1: {beta1}");
        if (beta2 is < 0 or >= 1)
            throw new ArgumentException($"Invalid beta2: {beta2}");
        if (weightDecay < 0)
            throw new ArgumentException($"Invalid weight_decay value: {weightDecay}");
    }
}
