using System.Reflection;
using System.Runtime.InteropServices;

namespace Reasoning.Bench.Harness;

/// <summary>OpenBLAS as Debian ships it (libopenblas0-pthread), called directly.</summary>
internal static unsafe class OpenBlas
{
    private const string Library = "reasoning-bench-openblas";

    private static readonly string[] s_places =
    [
        "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0", "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0",
        "libopenblas.so.0",
    ];

    private static nint s_handle;

    /// <summary>Loads the library and sets its threads; false, with the reason on the report, when it is not installed.</summary>
    public static bool TryLoad(int threads, Report report)
    {
        foreach (string place in s_places)
        {
            if (s_handle == 0) NativeLibrary.TryLoad(place, out s_handle);
        }

        if (s_handle == 0)
        {
            report.Skip("OpenBLAS is not installed: apt-get install libopenblas0-pthread");
            return false;
        }

        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == Library ? s_handle : 0);
        SetThreads(threads);
        report.Note($"OpenBLAS: {Marshal.PtrToStringUTF8(Config())}, kernels {Marshal.PtrToStringUTF8(CoreName())}, {threads} threads");
        return true;
    }

    /// <summary>C[m × n] = op(A) · op(B), row-major.</summary>
    public static void Multiply(bool transA, bool transB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc)
    {
        const int RowMajor = 101, Plain = 111, Transposed = 112;
        Sgemm(RowMajor, transA ? Transposed : Plain, transB ? Transposed : Plain, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
    }

    [DllImport(Library, EntryPoint = "cblas_sgemm")]
    private static extern void Sgemm(
        int order, int transA, int transB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);

    [DllImport(Library, EntryPoint = "openblas_set_num_threads")]
    private static extern void SetThreads(int threads);

    [DllImport(Library, EntryPoint = "openblas_get_config")]
    private static extern nint Config();

    [DllImport(Library, EntryPoint = "openblas_get_corename")]
    private static extern nint CoreName();
}
