using System.Diagnostics;

/// <summary>
/// .NET calls it in a program that is started with this assembly in DOTNET_STARTUP_HOOKS: at its end the program writes the names of the
/// libraries it has loaded.
/// </summary>
internal static class StartupHook
{
    internal const string FileVariable = "REASONING_LIBRARIES";

    public static void Initialize() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => File.WriteAllLines(
        Environment.GetEnvironmentVariable(FileVariable)!,
        Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(module => module.ModuleName));
}
