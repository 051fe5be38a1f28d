using System.Runtime.InteropServices;

namespace Reasoning.Bench.Harness;

/// <summary>
/// OpenBLAS as Debian ships it (libopenblas0-pthread), called directly. It chooses its kernels when it is loaded, by the processor or by
/// the environment variable OPENBLAS_CORETYPE; to compare with both, a copy of the library is loaded for each.
/// </summary>
internal sealed unsafe partial class OpenBlas : IDisposable
{
    private const string Pin = "OPENBLAS_CORETYPE";
    private const string CacheSize = "OPENBLAS_L2_SIZE";

    private static readonly string[] s_places =
    [
        "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0", "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0",
    ];

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;
    private readonly string? _copy;

    private OpenBlas(string file, string? copy, int threads)
    {
        _copy = copy;
        nint handle = NativeLibrary.Load(copy ?? file);
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(handle, "cblas_sgemm");
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(handle, "openblas_set_num_threads"))(threads);
        Kernels = Text(handle, "openblas_get_corename");
        Configuration = Text(handle, "openblas_get_config");
    }

    /// <summary>The name of the kernels in use.</summary>
    public string Kernels { get; }

    private string Configuration { get; }

    /// <summary>Loads it with the kernels that it chooses for this processor; null, with the reason on the report, when it is not installed.</summary>
    public static OpenBlas? Load(int threads, Report report)
    {
        if (s_places.FirstOrDefault(File.Exists) is not { } file)
        {
            report.Skip("OpenBLAS is not installed: apt-get install libopenblas0-pthread");
            return null;
        }

        if (OperatingSystem.IsLinux())
        {
            _ = Unset(Pin);
            _ = Unset(CacheSize);
        }

        string copy = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".so");
        File.Copy(file, copy);
        var library = new OpenBlas(file, copy, threads);
        report.Note($"OpenBLAS: {library.Configuration}, kernels {library.Kernels} by its own choice, {threads} threads");
        return library;
    }

    /// <summary>Loads it with the kernels that the environment pins; null where it pins none.</summary>
    public static OpenBlas? LoadPinned(int threads, Report report)
    {
        if (Environment.GetEnvironmentVariable(Pin) is not { Length: > 0 } kernels || s_places.FirstOrDefault(File.Exists) is not { } file) return null;
        _ = Set(Pin, kernels, overwrite: 1);
        var library = new OpenBlas(file, null, threads);
        report.Note($"the environment here says {Pin}={kernels}: OpenBLAS with those kernels is a column of its own");
        return library;
    }

    /// <summary>C[m × n] = op(A) · op(B), row-major.</summary>
    public void Multiply(bool transA, bool transB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc)
    {
        const int RowMajor = 101, Plain = 111, Transposed = 112;
        _multiply(RowMajor, transA ? Transposed : Plain, transB ? Transposed : Plain, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
    }

    public void Dispose()
    {
        if (_copy is not null) File.Delete(_copy);
    }

    private static string Text(nint handle, string function) =>
        Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)NativeLibrary.GetExport(handle, function))()) ?? "";

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unset(string name);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(string name, string value, int overwrite);
}
