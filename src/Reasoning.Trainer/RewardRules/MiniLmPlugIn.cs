using System.Reflection;
using System.Runtime.Loader;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Rewards.Novelty;

namespace Reasoning.Trainer.RewardRules;

/// <summary>
/// The embedding of src/Reasoning.MiniLM, which is not part of the program: its packages are large. It is loaded from where its build puts
/// it, <c>minilm/</c> beside the native libraries, into a context of its own, so that its packages meet none of ours.
/// </summary>
internal sealed class MiniLmPlugIn : AssemblyLoadContext
{
    private const string TypeName = "Reasoning.MiniLM.MiniLmEmbedding";

    private readonly AssemblyDependencyResolver _resolver;

    private MiniLmPlugIn(string file) : base("minilm") => _resolver = new AssemblyDependencyResolver(file);

    /// <summary>Where it is looked for.</summary>
    public static string DefaultFile { get; } = Path.Combine(NativeLibraries.Folder, "minilm", "Reasoning.MiniLM.dll");

    /// <summary>Refuses a file that is not there.</summary>
    /// <exception cref="UserErrorException">Says how to get it.</exception>
    public static void Require(string file)
    {
        if (File.Exists(file)) return;
        throw new UserErrorException(
            $"embedding minilm is a plug-in that is not there: {file}; build it with 'dotnet build -c Release src/Reasoning.MiniLM', or choose another embedding");
    }

    /// <summary>Loads it; disposable.</summary>
    /// <exception cref="UserErrorException">It is not there, or does not load: says why, and how to get it.</exception>
    public static ITextEmbedding Load(string file)
    {
        Require(file);
        try
        {
            Assembly assembly = new MiniLmPlugIn(file).LoadFromAssemblyPath(file);
            return (ITextEmbedding)Activator.CreateInstance(assembly.GetType(TypeName, throwOnError: true)!)!;
        }
        catch (Exception e) when (e is not UserErrorException)
        {
            Exception cause = e;
            while (cause.InnerException is { } inner) cause = inner;
            throw new UserErrorException(
                $"embedding minilm: {file} does not load: {cause.Message.ReplaceLineEndings(" ")}; build it again with 'dotnet build -c Release src/Reasoning.MiniLM'", e);
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName) =>
        _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null; // null: one of the program's own

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
