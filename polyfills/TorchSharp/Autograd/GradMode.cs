namespace TorchSharp;

/// <summary>Whether operations of this thread are recorded.</summary>
internal sealed class GradMode : IDisposable
{
    [ThreadStatic]
    private static bool t_disabled;

    [ThreadStatic]
    private static bool t_inference;

    private readonly bool _wasDisabled = t_disabled;
    private readonly bool _wasInference = t_inference;

    internal GradMode(bool enabled) => t_disabled = !enabled;

    internal GradMode(bool enabled, bool inference)
    {
        t_disabled = !enabled;
        t_inference = inference;
    }

    internal static bool IsEnabled
    {
        get => !t_disabled;
        set => t_disabled = !value;
    }

    internal static bool IsInference => t_inference;

    public void Dispose()
    {
        t_disabled = _wasDisabled;
        t_inference = _wasInference;
    }
}
