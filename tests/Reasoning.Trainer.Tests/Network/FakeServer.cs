using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Reasoning.Trainer.Tests.Network;

/// <summary>
/// A server in this process that speaks HTTP byte by byte on a socket, so that it can also do what no decent server does. What it says is
/// for those who derive from it.
/// </summary>
internal abstract class FakeServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();

    protected FakeServer()
    {
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = Task.Run(Accept);
    }

    public string Address { get; }

    /// <summary>What it does instead of answering; null where it answers.</summary>
    public Func<Request, Answer?>? Misbehaves { get; set; }

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<Request> Asked { get; } = [];

    public static Answer Json(object value) => new(200, JsonSerializer.SerializeToUtf8Bytes(value)) { Headers = { ["Content-Type"] = "application/json" } };

    /// <summary>What a decent server says.</summary>
    public abstract Answer Decent(Request request);

    public virtual void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Task.Run(() => Serve(client));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string first = (await reader.ReadLineAsync(_end.Token))!;
                var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                for (string? line; !string.IsNullOrEmpty(line = await reader.ReadLineAsync(_end.Token));)
                    headers[line.Split(':')[0]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
                var body = new char[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
                if (body.Length > 0) await reader.ReadBlockAsync(body, _end.Token);
                var request = new Request(first.Split(' ')[1], headers, new string(body));
                Asked.Enqueue(request);
                Answer answer = Misbehaves?.Invoke(request) ?? Decent(request);
                await Send(client, stream, answer);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or NullReferenceException)
            {
                // The other side has gone.
            }
        }
    }

    private async Task Send(TcpClient client, NetworkStream stream, Answer answer)
    {
        if (answer.Silent) await Task.Delay(Timeout.Infinite, _end.Token);
        string length = answer.Endless ? "" : $"Content-Length: {answer.Body.Length}\r\n";
        string head = $"HTTP/1.1 {answer.Status} Said\r\n{length}{string.Concat(answer.Headers.Select(header => $"{header.Key}: {header.Value}\r\n"))}Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _end.Token);
        int end = answer.CutAfter ?? answer.Body.Length, step = answer.Slow ? Math.Max(1, end / 5) : Math.Max(1, end);
        for (int at = 0; at < end; at += step)
        {
            await stream.WriteAsync(answer.Body.AsMemory(at, Math.Min(step, end - at)), _end.Token);
            if (answer.Slow) await Task.Delay(60, _end.Token);
        }

        while (answer.Endless) await stream.WriteAsync(new byte[1 << 16], _end.Token);
        await stream.FlushAsync(_end.Token);
        if (answer.Reset) client.LingerState = new LingerOption(true, 0);
    }

    /// <summary>What was asked for.</summary>
    internal sealed record Request(string Path, Dictionary<string, string> Headers, string Body)
    {
        public int? From => Headers.TryGetValue("Range", out string? range) ? int.Parse(range.Split('=')[1].TrimEnd('-'), CultureInfo.InvariantCulture) : null;

        public string? Token => Headers.GetValueOrDefault("Authorization");

        public bool IsFile(string name) => Path.EndsWith("/" + name, StringComparison.Ordinal);
    }

    /// <summary>What it says.</summary>
    internal sealed record Answer(int Status, byte[] Body)
    {
        public Dictionary<string, string> Headers { get; } = [];

        /// <summary>Bytes of the body after which the connection ends.</summary>
        public int? CutAfter { get; init; }

        /// <summary>It ends with a reset.</summary>
        public bool Reset { get; init; }

        /// <summary>It has no end.</summary>
        public bool Endless { get; init; }

        /// <summary>It comes in pieces.</summary>
        public bool Slow { get; init; }

        /// <summary>It does not come at all.</summary>
        public bool Silent { get; init; }
    }
}
