namespace Parquet.Tests.Surface;

/// <summary>The embedded backend offers nothing that Parquet.Net 6.1.0 lacks: code written for it compiles with the package.</summary>
public sealed class SurfaceTests
{
    private static readonly HashSet<string> s_package = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "parquet-net-api.txt"))];

    [Fact]
    public void Every_public_member_exists_in_the_package()
    {
        string[] missing = [.. typeof(ParquetReader).Assembly.GetExportedTypes().SelectMany(ApiLines.Of).Where(line => !IsInPackage(line))];
        Assert.True(missing.Length == 0, $"{missing.Length} public members are not in Parquet.Net 6.1.0:\n{string.Join("\n", missing)}");
    }

    [Fact]
    public void Public_types_live_in_the_packages_namespaces() =>
        Assert.All(
            typeof(ParquetReader).Assembly.GetExportedTypes(),
            type => Assert.Contains(type.Namespace, (string[])["Parquet", "Parquet.Schema", "Parquet.Meta"]));

    [Fact]
    public void Names_types_and_defaults_are_compared()
    {
        string[] lines = [.. ApiLines.Of(typeof(Sample))];
        Assert.Contains("sealed class Parquet.Tests.Surface.Sample", lines);
        Assert.Contains(
            "Parquet.Tests.Surface.Sample: static Task<int> Run<T>(T? value = default, bool flag = true, params string[] names)", lines);
        Assert.Contains("Parquet.Tests.Surface.Sample: double Rate { get; }", lines);
        Assert.Contains("Parquet.Tests.Surface.Sample: const int Most = 3", lines);
        Assert.Contains("Parquet.Tests.Surface.Sample implements IDisposable", lines);
        Assert.DoesNotContain(lines, line => line.Contains("ToString", StringComparison.Ordinal));
    }

    // The package may have a setter where the embedded backend has none.
    private static bool IsInPackage(string line) =>
        s_package.Contains(line) || s_package.Contains(line.Replace("{ get; }", "{ get; set; }", StringComparison.Ordinal));
}
