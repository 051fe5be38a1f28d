using Xunit.Abstractions;

namespace TorchSharp.Tests.Surface;

/// <summary>The embedded backend offers nothing that TorchSharp 0.107 lacks, so code written against it compiles against the package.</summary>
public sealed class SurfaceTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_public_member_exists_in_the_package()
    {
        string? file = FindListing();
        if (file is null)
        {
            output.WriteLine("No folder 'shared' above the test assembly and no REASONING_SHARED: the surface was not compared.");
            return;
        }

        ApiListing listing = ApiListing.Parse(File.ReadLines(file));
        IReadOnlyList<string> problems = SurfaceCheck.Problems(typeof(torch).Assembly.GetExportedTypes(), listing, VerifiedMembers.All);
        Assert.True(problems.Count == 0, $"{problems.Count} public members are not in TorchSharp 0.107:\n" + string.Join("\n", problems));
    }

    [Fact]
    public void Public_types_live_in_the_packages_namespaces()
    {
        string[] namespaces = ["TorchSharp", "TorchSharp.Modules", "TorchSharp.Utils"];
        Assert.All(typeof(torch).Assembly.GetExportedTypes(), type => Assert.Contains(type.Namespace, namespaces));
    }

    [Theory]
    [InlineData("  static Tensor scale(Tensor input, double factor = 0.5)", true)]
    [InlineData("  static Tensor scale(Tensor input, double factor = 0.25)", false)]
    [InlineData("  static Tensor scale(Tensor x, double factor = 0.5)", false)]
    [InlineData("  static Tensor scale(Tensor input, float factor = 0.5f)", false)]
    [InlineData("  Tensor scale(Tensor input, double factor = 0.5)", false)]
    public void Names_types_and_defaults_are_compared(string signature, bool matches)
    {
        string[] lines =
        [
            "class Sample",
            "  (Tensor values, Tensor? indices) split(long[]? at = null, (int, int)? range = null)",
            "  virtual void run()",
            "  double rate { get; set; }",
            "  protected ctor(IEnumerable<(string name, Tensor value)> items)",
            signature,
        ];
        Assert.Equal(matches, ProblemsOf(lines).Count == 0);
    }

    [Theory]
    [InlineData("class Sample : Other")]
    [InlineData("sealed class Sample")]
    [InlineData("struct Sample")]
    public void Headers_are_compared(string header)
    {
        string[] lines =
        [
            header,
            "  (Tensor values, Tensor indices) split(long[] at = null, (int, int)? range = null)",
            "  virtual void run()",
            "  double rate { get; set; }",
            "  protected ctor(IEnumerable<(string name, Tensor value)> items)",
            "  static Tensor scale(Tensor input, double factor = 0.5)",
        ];
        Assert.Single(ProblemsOf(lines));
    }

    [Fact]
    public void Tuple_names_setters_and_virtual_methods_are_compared()
    {
        string[] lines =
        [
            "class Sample",
            "  (Tensor values, Tensor indexes) split(long[] at = null, (int, int)? range = null)",
            "  void run()",
            "  double rate { get; }",
            "  protected ctor(IEnumerable<(string name, Tensor value)> items)",
            "  static Tensor scale(Tensor input, double factor = 0.5)",
        ];
        Assert.Equal(3, ProblemsOf(lines).Count);
    }

    private static IReadOnlyList<string> ProblemsOf(string[] lines)
        => SurfaceCheck.Problems([typeof(Sample)], ApiListing.Parse(lines), new Dictionary<string, string[]>());

    private static string? FindListing()
    {
        string? shared = Environment.GetEnvironmentVariable("REASONING_SHARED");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); shared is null && folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(candidate))
                shared = candidate;
        }

        string? file = shared is null ? null : Path.Combine(shared, "torchsharp-api.txt");
        return File.Exists(file) ? file : null;
    }
}
