using Reasoning.Models.SafeTensors;

namespace Reasoning.Models.Tests.Formats;

public sealed class CheckpointFilesTests
{
    private const string Index = """{"metadata":{"total_size":16},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}""";

    [Fact]
    public void Shards_are_read_as_one()
    {
        using TemporaryFolder folder = Shards(Index);
        using CheckpointFiles files = CheckpointFiles.Open(folder.Path);
        Assert.Equal(["a", "b"], files.Entries.Keys.Order());
        float[] values = new float[2];
        files.Read("b", values);
        Assert.Equal([3f, 4f], values);
        files.Read("a", 1, values.AsSpan(0, 1));
        Assert.Equal(2f, values[0]);
        Assert.Equal(2, files.Files.Count());
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"m-3.safetensors"}}""", "m-3.safetensors: no such file")]
    [InlineData("""{"weight_map":{"a":"../m-1.safetensors"}}""", "without a path")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "without a path")]
    [InlineData("""{"weight_map":{"a":".."}}""", "without a path")]
    [InlineData("""{"weight_map":{"a":""}}""", "without a path")]
    [InlineData("""{"weight_map":{"a":"m-2.safetensors"}}""", "tensor 'a' is not in m-2.safetensors")]
    [InlineData("""{"weight_map":{"a":"m-1.safetensors","b":"m-1.safetensors"}}""", "tensor 'b' is not in m-1.safetensors")]
    [InlineData("""{"weight_map":{"a":1}}""", "must be a string")]
    [InlineData("""{"weight_map":{"a":"m-1.safetensors","c":"copy.safetensors"}}""", "tensor 'a' is also in")]
    [InlineData("""{}""", "'weight_map' is missing")]
    public void A_bad_index_is_refused(string index, string expected)
    {
        using TemporaryFolder folder = Shards(index);
        UserErrorException error = Assert.Throws<UserErrorException>(() => CheckpointFiles.Open(folder.Path));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_shard_that_is_a_link_out_of_the_folder_is_refused()
    {
        using TemporaryFolder folder = Shards(Index), elsewhere = Shards(Index);
        string shard = folder.File("m-2.safetensors");
        File.Delete(shard);
        File.CreateSymbolicLink(shard, elsewhere.File("m-2.safetensors"));
        Assert.Contains("m-2.safetensors: is a link to a file outside", UserError.Message(() => CheckpointFiles.Open(folder.Path)));
        File.Delete(shard);
        File.CreateSymbolicLink(shard, "/dev/zero");
        Assert.Contains("m-2.safetensors", UserError.Message(() => CheckpointFiles.Open(folder.Path)));
        File.Delete(shard);
        File.Copy(elsewhere.File("m-2.safetensors"), folder.File("other"));
        File.CreateSymbolicLink(shard, "other");
        CheckpointFiles.Open(folder.Path).Dispose();
    }

    [Fact]
    public void The_links_of_the_Hugging_Face_cache_are_followed()
    {
        using TemporaryFolder cache = new(), source = Shards(Index);
        string snapshot = Path.Combine(cache.Path, "models--a--b", "snapshots", "abc"), blobs = Path.Combine(cache.Path, "models--a--b", "blobs");
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(blobs);
        foreach (string file in Directory.GetFiles(source.Path).Select(file => Path.GetFileName(file)!))
        {
            File.Copy(source.File(file), Path.Combine(blobs, "blob-" + file));
            File.CreateSymbolicLink(Path.Combine(snapshot, file), Path.Combine("..", "..", "blobs", "blob-" + file));
        }

        CheckpointFiles.Open(snapshot).Dispose();
        string link = cache.File("my-model");
        Directory.CreateSymbolicLink(link, snapshot);
        CheckpointFiles.Open(link).Dispose();
    }

    [Fact]
    public void A_folder_without_weights_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("has neither", UserError.Message(() => CheckpointFiles.Open(folder.Path)));
    }

    private static TemporaryFolder Shards(string index)
    {
        var folder = new TemporaryFolder();
        SafeTensorsWriter.Write(folder.File("m-1.safetensors"), [Pair("a", 1, 2)]);
        SafeTensorsWriter.Write(folder.File("m-2.safetensors"), [Pair("b", 3, 4)]);
        SafeTensorsWriter.Write(folder.File("copy.safetensors"), [Pair("a", 0, 0), Pair("c", 0, 0)]);
        folder.Write("model.safetensors.index.json", index);
        return folder;

        static SafeTensorSource Pair(string name, params float[] values) => new(name, [2], SafeTensorsDType.F32, values);
    }
}
