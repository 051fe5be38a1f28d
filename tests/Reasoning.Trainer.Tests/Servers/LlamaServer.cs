using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Reasoning.Trainer.Tests.Servers;

/// <summary>The server of llama.cpp on a GGUF file, as <c>tests/oracles/llama-server.sh install</c> brings it; a test that asks for it is skipped where it is not there.</summary>
internal sealed class LlamaServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    public LlamaServer(string model, int slots = 16)
    {
        string oracles = Environment.GetEnvironmentVariable("REASONING_ORACLES") ?? Path.Combine(Repository.Tests, "oracles"), script = Path.Combine(oracles, "llama-server.sh");
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && File.Exists(Path.Combine(oracles, "llama-server", "usr", "bin", "llama-server")),
            "the server of llama.cpp is not installed: tests/oracles/llama-server.sh install");
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        // Keys and values as the weights are; one thread, for it waits busily where others have the cores.
        string[] arguments =
        [
            script, "-m", model, "--host", "127.0.0.1", "--port", new Uri(Address).Port.ToString(), "-c", (slots * 512).ToString(), "-np", slots.ToString(), "-t", "1", "-ctk", "f32", "-ctv", "f32",
            "-fa", "off", "--no-ui",
        ];
        _process = Process.Start(new ProcessStartInfo("/bin/sh", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        for (var clock = Stopwatch.StartNew(); !IsReady(client); Thread.Sleep(100))
            Assert.True(!_process.HasExited && clock.Elapsed < s_patience, "the server of llama.cpp does not start");
    }

    public string Address { get; }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private bool IsReady(HttpClient client)
    {
        try
        {
            using HttpResponseMessage response = client.Send(new HttpRequestMessage(HttpMethod.Get, Address + "/health"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
