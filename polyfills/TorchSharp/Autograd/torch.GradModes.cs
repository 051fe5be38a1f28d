namespace TorchSharp;

public static partial class torch
{
    /// <summary>Until disposed, operations of this thread are not recorded.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new GradMode(!mode && GradMode.IsEnabled, mode);

    public static bool is_grad_enabled() => GradMode.IsEnabled;

    public static bool is_inference_mode_enabled() => GradMode.IsInference;
}
