using System.Text.Json.Nodes;
using Reasoning.Tests;
using Xunit.Abstractions;

namespace Parquet.Tests;

/// <summary>What we write is what hyparquet reads, and what hyparquet-writer writes is what we read.</summary>
public sealed class HyparquetTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Brotli)]
    public void It_reads_what_we_write(CompressionMethod compression)
    {
        if (IsMissing()) return;
        string file = Path.Combine(Directory.CreateTempSubdirectory("reasoning-parquet-").FullName, "ours.parquet");
        byte[] bytes = SampleFile.Write(compression, rows: 500, groupRows: 200);
        File.WriteAllBytes(file, bytes);
        AssertEqual(Read(file), Rows.Of(bytes), compression.ToString());
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void We_read_what_it_writes()
    {
        if (IsMissing()) return;
        string folder = Directory.CreateTempSubdirectory("reasoning-parquet-").FullName;
        string[] files = NodeOracle.Run("parquet.mjs", ["write", folder]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(11, files.Length);
        foreach (string line in files)
        {
            JsonNode file = JsonNode.Parse(line)!;
            string name = (string)file["name"]!;
            List<JsonObject> expected = [.. file["rows"]!.AsArray().Select(row => row!.AsObject())];
            List<JsonObject> actual = Rows.Of(File.ReadAllBytes(Path.Combine(folder, name + ".parquet")));
            AssertEqual(expected, actual, name);
            output.WriteLine($"{name}: {actual.Count} rows of {(actual.Count > 0 ? actual[0].Count : 0)} columns");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Both_read_the_shared_problems_alike()
    {
        if (IsMissing() || SharedFile("data/aime24-x16.parquet") is not { } file) return;
        List<JsonObject> rows = Rows.Of(File.ReadAllBytes(file));
        Assert.Equal(480, rows.Count);
        AssertEqual(Read(file), rows, file);
        Assert.Equal("user", (string?)rows[16]["prompt"]![1]!["role"]);
        Assert.Equal("236", (string?)rows[16]["reward_model"]!["ground_truth"]);
    }

    private static List<JsonObject> Read(string file) =>
        [.. NodeOracle.Run("parquet.mjs", ["read", file]).Split('\n').Select(line => JsonNode.Parse(line)!.AsObject())];

    private static void AssertEqual(List<JsonObject> expected, List<JsonObject> actual, string where)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Select(pair => pair.Key), actual[i].Select(pair => pair.Key));
            foreach ((string name, JsonNode? value) in expected[i])
            {
                JsonNode? other = actual[i][name];
                Assert.True(
                    JsonNode.DeepEquals(value, other), $"{where}, row {i}, {name}: {value?.ToJsonString()} is not {other?.ToJsonString()}");
            }
        }
    }

    private bool IsMissing()
    {
        string? missing = NodeOracle.Missing("hyparquet", "hyparquet-compressors", "hyparquet-writer");
        if (missing is not null) output.WriteLine($"not run: {missing}");
        return missing is not null;
    }

    private string? SharedFile(string relative)
    {
        string? shared = Environment.GetEnvironmentVariable("REASONING_SHARED");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); shared is null && folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(candidate)) shared = candidate;
        }

        string? file = shared is null ? null : Path.Combine(shared, relative);
        if (File.Exists(file)) return file;
        output.WriteLine($"not run: no folder 'shared' with {relative} above {AppContext.BaseDirectory}; set REASONING_SHARED to it");
        return null;
    }
}
