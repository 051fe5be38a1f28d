using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Hub;
using Reasoning.Trainer.Network;

namespace Reasoning.Trainer.Tests.Hub;

/// <summary>Against a server that does what servers should not.</summary>
public sealed class PullTests : IDisposable
{
    private const string Secret = "hf_SecretOfTheTest";
    private const string Weights = "model.safetensors";

    private static readonly byte[] s_weights = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7 % 251))];

    private readonly FakeHub _hub = new();
    private readonly TempFolder _folder = new();
    private readonly StringWriter _said = new();

    public PullTests()
    {
        _hub.Files["config.json"] = "{\"model_type\": \"qwen3\"}"u8.ToArray();
        _hub.Files[Weights] = s_weights;
        _hub.Files["folder/tokenizer.json"] = "{}"u8.ToArray();
        _hub.Files["empty.txt"] = [];
        _hub.Files["LICENSE"] = "MIT"u8.ToArray();
    }

    private string Place => _folder.File("mine");

    public static TheoryData<string, string> Refusals => new()
    {
        { "another content", "is not what OWNER/NAME lists (SHA-256)" },
        { "another text", "is not what OWNER/NAME lists (SHA-1 of Git)" },
        { "endless body", "sends more than the 200000 bytes" },
        { "endless list", "has more than" },
        { "huge list", "has more than" },
        { "short for ever", "ended at byte 0 of 200000, 3 times" },
        { "unauthorized", "set HF_TOKEN to it" },
        { "forbidden", "set HF_TOKEN to it" },
        { "no revision", "check name and @REVISION" },
        { "html", "answered with text/html that is no JSON" },
        { "broken json", "that is no JSON" },
        { "no commit", "names no commit" },
        { "no hash", "neither length nor hash" },
        { "a list that is none", "is no list of files" },
        { "redirects in a circle", "more than 5 redirects" },
        { "redirect to a file", "redirects to file, which is not followed" },
        { "a path above", "not a path inside the repository" },
        { "an absolute path", "not a path inside the repository" },
        { "a path of Windows", "not a path inside the repository" },
        { "nothing in it", "has no files at revision main" },
        { "only pickles", "has no safetensors" },
        { "500 for ever", "answered 500, 3 times" },
        { "429 for an hour", "answered 429, 1 times" },
        { "silence", "said nothing for" },
        { "the list goes on elsewhere", "goes on at another host" },
        { "418", "answered 418" },
    };

    [Fact]
    public async Task Everything_that_is_data_is_fetched_and_checked_and_nothing_twice()
    {
        _hub.Files["pytorch_model.bin"] = [1, 2, 3];
        _hub.Files["code.py"] = "print()"u8.ToArray();
        (string commit, IReadOnlyList<HubFile> files) = await Run();

        Assert.Equal(FakeHub.Commit, commit);
        Assert.Equal(["LICENSE", "config.json", "empty.txt", "folder/tokenizer.json", Weights], files.Select(file => file.Path).Order(StringComparer.Ordinal));
        AssertWhole();
        Assert.Contains("left out: only safetensors, texts and tables are fetched, not pytorch_model.bin, code.py", _said.ToString());
        int asked = _hub.Downloads.Count();
        Assert.Equal(5, asked);
        await Run();
        Assert.Equal(asked, _hub.Downloads.Count());
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_a_server_does_wrong_for_good_ends_in_one_line_and_leaves_no_file_that_looks_whole(string fault, string message)
    {
        _hub.Misbehaves = request => Fault(fault, request);
        if (fault is "nothing in it" or "only pickles") _hub.Files.Clear();
        if (fault == "only pickles") _hub.Files["pytorch_model.bin"] = _hub.Files["config.json"] = [1];
        var error = await Assert.ThrowsAsync<UserErrorException>(() => Run());

        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(File.Exists(Path.Combine(Place, fault == "another text" ? "config.json" : Weights)));
        bool isList = !_hub.Downloads.Any();
        if (isList) Assert.False(Directory.Exists(Place));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("reset")]
    [InlineData("500")]
    [InlineData("429")]
    [InlineData("503 of the list")]
    [InlineData("silence once")]
    [InlineData("slow")]
    [InlineData("gzip")]
    [InlineData("gzip of the list")]
    [InlineData("ignores ranges")]
    [InlineData("goes on elsewhere")]
    [InlineData("cut nine times")]
    public async Task What_passes_is_waited_for_and_what_was_begun_is_gone_on_with(string fault)
    {
        int times = 0;
        _hub.Misbehaves = request => Passing(fault, request, times++);
        await Run();
        AssertWhole();
        if (fault is not ("cut" or "reset")) return;
        int?[] asked = [.. _hub.Downloads.Where(request => request.IsFile(Weights)).Select(request => request.From)];
        Assert.Null(asked[0]);
        Assert.InRange(Assert.Single(asked[1..])!.Value, 1, 50_000);
    }

    [Fact]
    public async Task A_server_that_says_how_long_to_wait_is_left_alone_for_that_long()
    {
        bool first = true;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        _hub.Misbehaves = request =>
        {
            if (!first || !request.IsFile(Weights)) return null;
            first = false;
            return new FakeHub.Answer(429, []) { Headers = { ["Retry-After"] = "1" } };
        };
        await Run();
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData(50_000, true)]
    [InlineData(50_000, false)]
    [InlineData(200_000, true)]
    [InlineData(200_000, false)]
    [InlineData(300_000, true)]
    public async Task A_part_of_an_earlier_time_is_gone_on_with_if_it_fits_and_made_anew_if_not(int length, bool fits)
    {
        Directory.CreateDirectory(Place);
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(s_weights));
        byte[] part = [.. s_weights.Concat(new byte[length]).Take(length)];
        if (!fits) part[100] ^= 1;
        File.WriteAllBytes(Path.Combine(Place, $".{Weights}.{hash[..16]}.partial"), part);
        await Run();
        AssertWhole();
        int?[] asked = [.. _hub.Downloads.Where(request => request.IsFile(Weights)).Select(request => request.From)];
        Assert.Equal((length, fits) switch { (50_000, true) => [50_000], (50_000, false) => [50_000, null], (200_000, true) => [], _ => (int?[])[null] }, asked);
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_alone_and_is_never_said()
    {
        using var store = new FakeHub { Misbehaves = request => request.IsFile(Weights + "?signature=x") ? new FakeHub.Answer(200, s_weights) : null };
        _hub.Misbehaves = request => request.IsFile(Weights)
            ? new FakeHub.Answer(302, []) { Headers = { ["Location"] = $"{store.Address}/{Weights}?signature=x" } }
            : null;
        await Run(Secret);
        AssertWhole();
        Assert.All(_hub.Asked, request => Assert.Equal($"Bearer {Secret}", request.Token));
        Assert.Null(Assert.Single(store.Asked).Token);

        store.Misbehaves = _ => new FakeHub.Answer(403, []);
        File.Delete(Path.Combine(Place, Weights));
        string error = (await Assert.ThrowsAsync<UserErrorException>(() => Run(Secret))).Message;
        Assert.Contains("answered 403", error);
        Assert.DoesNotContain("signature", error);
        _hub.Misbehaves = _ => new FakeHub.Answer(403, []);
        error += (await Assert.ThrowsAsync<UserErrorException>(() => Run(Secret))).Message;
        Assert.Contains("the token in HF_TOKEN has no access", error);
        Assert.DoesNotContain(Secret, error + _said);
        Assert.DoesNotContain("hf_", Assert.Throws<UserErrorException>(() => new HubClient(_hub.Address, Secret + "\n", new Patience())).Message);
    }

    [Fact]
    public async Task Patterns_choose_and_what_can_hold_programs_is_refused_by_name()
    {
        _hub.Files["pytorch_model.bin"] = [1, 2, 3];
        IReadOnlyList<HubFile> files = (await Run(null, "*.json")).Files;
        Assert.Equal(["config.json", "folder/tokenizer.json"], files.Select(file => file.Path));
        Assert.Contains("pytorch_model.bin", (await Assert.ThrowsAsync<UserErrorException>(() => Run(null, "*.bin"))).Message);
        Assert.Contains("no file of OWNER/NAME has such a path", (await Assert.ThrowsAsync<UserErrorException>(() => Run(null, "*.gguf"))).Message);
    }

    [Fact]
    public async Task Files_of_other_people_and_full_disks_are_left_as_they_are()
    {
        Directory.CreateDirectory(Place);
        File.WriteAllText(Path.Combine(Place, "config.json"), "mine");
        Assert.Contains("is there and is not what the repository has", (await Assert.ThrowsAsync<UserErrorException>(() => Run())).Message);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Place, "config.json")));
        File.Delete(Path.Combine(Place, "config.json"));
        Assert.Contains("make room", (await Assert.ThrowsAsync<UserErrorException>(() => Run(null, room: 1000))).Message);
        Assert.Empty(Directory.EnumerateFiles(Place));
        Assert.Empty(_hub.Downloads);
    }

    [Fact]
    public async Task Stopped_in_the_midst_it_goes_on_where_it_was()
    {
        using var source = new CancellationTokenSource();
        _hub.Misbehaves = request =>
        {
            if (!request.IsFile(Weights)) return null;
            source.CancelAfter(100);
            return new FakeHub.Answer(200, s_weights) { Slow = true };
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(cancel: source.Token));
        _hub.Misbehaves = null;
        int before = _hub.Asked.Count;
        await Run();
        AssertWhole();
        Assert.True(_hub.Asked.Skip(before).Single(request => request.IsFile(Weights)).From > 0);
    }

    [Fact]
    public void The_command_takes_the_hub_of_the_environment_and_offline_or_without_a_network_touches_nothing()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        string nobody = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        free.Stop();
        Environment.SetEnvironmentVariable(PullCommand.Endpoint, _hub.Address);
        try
        {
            Assert.Contains("--offline", Cli.Run("pull", "OWNER/NAME", "--out", Place, "--offline").BadInput());
            Assert.Empty(_hub.Asked);
            Assert.False(Directory.Exists(Place));
            Cli run = Cli.Run("pull", "datasets/OWNER/NAME@v1", "--out", Place);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal($"{Place}: 5 files, 200,028 bytes, datasets/OWNER/NAME at {FakeHub.Commit}\n", run.Out);
            Assert.StartsWith("/api/datasets/OWNER/NAME/revision/v1", _hub.Asked.First().Path);
            Assert.All(_hub.Downloads, request => Assert.StartsWith($"/datasets/OWNER/NAME/resolve/{FakeHub.Commit}/", request.Path));
            foreach (string bad in (string[])["..", "a/b/c", "/etc", "a/../b", "https://huggingface.co/a/b", "a b", "a/b@"]) Cli.Run("pull", bad, "--out", Place).BadInput();
            Environment.SetEnvironmentVariable(PullCommand.Endpoint, "no address");
            Assert.Contains("HF_ENDPOINT", Cli.Run("pull", "OWNER/NAME").BadInput());
        }
        finally
        {
            Environment.SetEnvironmentVariable(PullCommand.Endpoint, null);
        }

        string other = _folder.File("other");
        using var client = new HubClient(nobody, null, new Patience { Retries = 1, Pause = TimeSpan.FromMilliseconds(1) });
        var pull = new Pull(client, new Terminal(_said, _said, TextReader.Null, false, 100), _ => long.MaxValue);
        var error = Assert.Throws<UserErrorException>(() => pull.Run(HubRepository.Parse("a/b"), [], other, default).GetAwaiter().GetResult());
        Assert.Contains("check the network and HF_ENDPOINT", error.Message);
        Assert.False(Directory.Exists(other));
    }

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
        _said.Dispose();
    }

    private void AssertWhole()
    {
        foreach ((string name, byte[] content) in _hub.Files.Where(file => !file.Key.EndsWith(".bin", StringComparison.Ordinal) && !file.Key.EndsWith(".py", StringComparison.Ordinal)))
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(Place, name)));
        Assert.Empty(Directory.EnumerateFiles(Place, "*.partial", SearchOption.AllDirectories));
    }

    private Task<(string Commit, IReadOnlyList<HubFile> Files)> Run(string? token = null, string? include = null, long room = long.MaxValue, CancellationToken cancel = default)
    {
        var patience = new Patience { Retries = 2, Silence = TimeSpan.FromSeconds(1), Pause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromSeconds(2), MostJson = 1 << 20 };
        var client = new HubClient(_hub.Address, token, patience);
        return new Pull(client, new Terminal(_said, _said, TextReader.Null, false, 100), _ => room).Run(
            HubRepository.Parse("OWNER/NAME"), include is null ? [] : [include], Place, cancel.CanBeCanceled ? cancel : TestContext.Current.CancellationToken);
    }

    private static FakeHub.Answer? Fault(string fault, FakeHub.Request request)
    {
        bool isTree = request.Path.Contains("/tree/", StringComparison.Ordinal), isWeights = request.IsFile(Weights);
        byte[] other = [.. s_weights.Select(value => (byte)(value ^ 1))];
        return fault switch
        {
            "another content" when isWeights => new(200, other),
            "another text" when request.IsFile("config.json") => new(200, "{\"model_type\": \"qwen2\"}"u8.ToArray()),
            "endless body" when isWeights => new(200, []) { Endless = true },
            "endless list" when isTree => new(200, "["u8.ToArray()) { Endless = true },
            "huge list" when isTree => new(200, new byte[2 << 20]),
            "short for ever" when isWeights => new(200, []),
            "unauthorized" => new(401, []),
            "forbidden" => new(403, []),
            "no revision" => new(404, []),
            "html" => new(200, "<html>Log in</html>"u8.ToArray()) { Headers = { ["Content-Type"] = "text/html" } },
            "broken json" when isTree => new(200, "[{\"type\": \"file\""u8.ToArray()),
            "no commit" when !isTree => FakeHub.Json(new { sha = "main" }),
            "no hash" when isTree => FakeHub.Json(new[] { new { type = "file", path = Weights, size = 3 } }),
            "a list that is none" when isTree => FakeHub.Json(new { files = 3 }),
            "redirects in a circle" when isWeights => new(302, []) { Headers = { ["Location"] = request.Path } },
            "redirect to a file" when isWeights => new(302, []) { Headers = { ["Location"] = "file:///etc/passwd" } },
            "a path above" when isTree => FakeHub.Json(new[] { FakeHub.Listed("../../up.json", []) }),
            "an absolute path" when isTree => FakeHub.Json(new[] { FakeHub.Listed("/etc/up.json", []) }),
            "a path of Windows" when isTree => FakeHub.Json(new[] { FakeHub.Listed("C:\\up.json", []) }),
            "500 for ever" when isWeights => new(500, []),
            "429 for an hour" when isWeights => new(429, []) { Headers = { ["Retry-After"] = "3600" } },
            "silence" when isTree => new(200, []) { Silent = true },
            "the list goes on elsewhere" when isTree => new(200, "[]"u8.ToArray()) { Headers = { ["Link"] = "<http://elsewhere.example/list>; rel=\"next\"" } },
            "418" when isTree => new(418, []),
            _ => null,
        };
    }

    private static FakeHub.Answer? Passing(string fault, FakeHub.Request request, int times)
    {
        bool isTree = request.Path.Contains("/tree/", StringComparison.Ordinal), isFirst = request.IsFile(Weights) && request.From is null;
        int from = request.From ?? 0;
        return fault switch
        {
            "cut" when isFirst => new(200, s_weights) { CutAfter = 50_000 },
            "reset" when isFirst => new(200, s_weights) { CutAfter = 50_000, Reset = true, Slow = true },
            "cut nine times" when request.IsFile(Weights) && from < 180_000 => new(from == 0 ? 200 : 206, s_weights[from..])
            {
                CutAfter = 20_000,
                Headers = { ["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{s_weights.Length - 1}/{s_weights.Length}") },
            },
            "500" when request.IsFile(Weights) && times < 5 => new(500, []),
            "429" when request.IsFile("config.json") && times < 4 => new(429, []),
            "503 of the list" when isTree && times < 3 => new(503, []),
            "silence once" when isTree && times < 2 => new(200, []) { Silent = true },
            "slow" when request.IsFile(Weights) => new(200, s_weights) { Slow = true },
            "gzip" when request.IsFile(Weights) => new(200, FakeHub.Packed(s_weights)) { Headers = { ["Content-Encoding"] = "gzip" } },
            "gzip of the list" when !request.Path.Contains("/resolve/", StringComparison.Ordinal) && isTree is false =>
                new(200, FakeHub.Packed(Encoding.ASCII.GetBytes($"{{\"sha\": \"{FakeHub.Commit}\"}}"))) { Headers = { ["Content-Encoding"] = "gzip" } },
            "ignores ranges" when request.IsFile(Weights) => new(200, s_weights) { CutAfter = times < 6 ? 50_000 : null },
            "goes on elsewhere" when isFirst && times < 6 => new(200, s_weights) { CutAfter = 50_000 },
            "goes on elsewhere" when request.IsFile(Weights) && from > 0 => new(206, s_weights[10..]) { Headers = { ["Content-Range"] = "bytes 10-199999/200000" } },
            _ => null,
        };
    }
}
