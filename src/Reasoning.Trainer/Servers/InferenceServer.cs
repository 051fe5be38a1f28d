using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Trainer.Network;

namespace Reasoning.Trainer.Servers;

/// <summary>
/// A server that already runs and speaks the OpenAI form of completions: vLLM, SGLang, llama.cpp's, or another. The key goes to its address
/// alone, redirects are not followed, and no message has the key in it.
/// </summary>
internal sealed class InferenceServer : IDisposable
{
    /// <summary>The environment variable that holds the key.</summary>
    public const string KeyVariable = "OPENAI_API_KEY";

    private readonly HttpClient _client;
    private readonly string? _key;
    private readonly Patience _patience;
    private volatile bool _hasAnswered;

    private InferenceServer(string address, string? key, Patience patience)
    {
        Network.Address.WithoutSecrets(address, "the address of a server", $"put the key into {KeyVariable}");
        string trimmed = address.TrimEnd('/');
        if (!trimmed.EndsWith("/v1", StringComparison.Ordinal)) trimmed += "/v1";
        Address = Network.Address.Is(trimmed) && Uri.TryCreate(trimmed + "/", UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0 ? uri
            : throw new UserErrorException($"'{address}' is no address of a server; write one such as http://localhost:8000/v1");
        _key = Network.Address.Token(KeyVariable, key);
        _patience = patience;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = patience.Silence, UseCookies = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Where it is, up to and with v1/.</summary>
    public Uri Address { get; }

    /// <summary>Which program it is, as far as it says.</summary>
    public ServerKind Kind { get; private set; }

    /// <summary>The model that is asked.</summary>
    public string Model { get; private set; } = "";

    /// <summary>The adapter of it that answers; null for none.</summary>
    public string? Adapter { get; set; }

    /// <summary>What answers name as their model.</summary>
    public string Answering => Kind == ServerKind.Vllm ? Adapter ?? Model : Model;

    /// <summary>How it is named where numbers of its answers stand.</summary>
    public string Name => $"{Model} at {Address.ToString().TrimEnd('/')} ({Program})";

    private string Program => Kind switch
    {
        ServerKind.Vllm => "vLLM",
        ServerKind.Sglang => "SGLang",
        ServerKind.LlamaCpp => "llama.cpp",
        _ => "a server that does not say what it is",
    };

    /// <summary>Asks a server which models it has, and what it is.</summary>
    /// <param name="address">With or without /v1 at its end.</param>
    /// <param name="model">The model to ask; null for the first that it names.</param>
    /// <param name="key">Sent as bearer token; null or empty sends none.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserErrorException">There is none, or it refuses, or it has not that model.</exception>
    public static InferenceServer Open(string address, string? model, string? key, Patience patience, CancellationToken cancel)
    {
        var server = new InferenceServer(address, key, patience);
        try
        {
            Task.Run(() => server.Identify(model, cancel), cancel).GetAwaiter().GetResult();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Asks for one answer, again while it fails in a way that may pass.</summary>
    /// <param name="body">Fields of the request beside the model.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserErrorException">The server refuses, or has never answered.</exception>
    /// <exception cref="ServerFailedException">It had answered before.</exception>
    public async Task<ServerAnswer> Complete(Dictionary<string, object> body, CancellationToken cancel)
    {
        body["model"] = Answering;
        if (Kind == ServerKind.Sglang && Adapter is not null) body["lora_path"] = Adapter;
        ServerAnswer answer = await Ask(HttpMethod.Post, new Uri(Address, "completions"), body, ServerAnswer.Read, cancel);
        _hasAnswered = true;
        return answer;
    }

    /// <summary>Asks for something that is not answered with a completion, such as to load an adapter.</summary>
    /// <inheritdoc cref="Complete"/>
    /// <param name="path">Below the server's own address, above v1/, where it begins with a slash.</param>
    public Task Post(string path, Dictionary<string, object> body, CancellationToken cancel) =>
        Send(HttpMethod.Post, path[0] == '/' ? new Uri(Address, ".." + path) : new Uri(Address, path), body, _ => true, cancel);

    public void Dispose() => _client.Dispose();

    private async Task Identify(string? wanted, CancellationToken cancel)
    {
        (string Id, string Owner)[] models = await Ask<(string Id, string Owner)[]>(
            HttpMethod.Get, new Uri(Address, "models"), null,
            root => ServerAnswer.Member(root, "data") is { ValueKind: JsonValueKind.Array } data
                ? [.. data.EnumerateArray().Select(item => (Id: ServerAnswer.TextOf(item, "id") ?? "", ServerAnswer.TextOf(item, "owned_by") ?? "")).Where(item => item.Id.Length > 0)]
                : throw new FormatException("is no list of models"),
            cancel);
        if (models.Length == 0) throw new UserErrorException($"{Shown}: serves no model");
        (string id, string owner) = wanted is null ? models[0] : Array.Find(models, item => item.Id == wanted);
        if (id is null)
            throw new UserErrorException($"{Shown}: serves no model '{wanted}'; it has {string.Join(", ", models.Take(5).Select(item => $"'{ServerAnswer.Short(item.Id)}'"))}");
        Model = id;
        Kind = owner switch
        {
            "vllm" => ServerKind.Vllm,
            "sglang" => ServerKind.Sglang,
            "llamacpp" => ServerKind.LlamaCpp,
            _ => ServerKind.Other,
        };
    }

    private string Shown => Network.Address.Show(Address).TrimEnd('/');

    private Task<T> Ask<T>(HttpMethod method, Uri uri, Dictionary<string, object>? body, Func<JsonElement, T> read, CancellationToken cancel) => Send(
        method, uri, body,
        bytes =>
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(bytes);
                return read(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                throw new RetryException($"{Network.Address.Show(uri)}: the answer {(e is JsonException ? "is no JSON" : Clean(e.Message))}");
            }
        },
        cancel);

    private Task<T> Send<T>(HttpMethod method, Uri uri, Dictionary<string, object>? body, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancel) => _patience.Repeat(
        async () =>
        {
            using var message = new HttpRequestMessage(method, uri);
            if (body is not null)
            {
                // With its length at the head: not every server takes pieces.
                message.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
                message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            message.Headers.UserAgent.Add(new ProductInfoHeaderValue("reasoning", null));
            if (_key is not null) message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
            return await _patience.Exchange(
                uri,
                async token =>
                {
                    using HttpResponseMessage response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token);
                    byte[] content = await Content(uri, response, token);
                    return response.IsSuccessStatusCode ? read(content) : throw (Exception?)RetryException.Of(uri, response) ?? Refusal(uri, response, content);
                },
                cancel);
        },
        what => _hasAnswered ? new ServerFailedException(what) : new UserErrorException($"{what}; is a server running there, and the address right?"),
        cancel);

    private async Task<byte[]> Content(Uri uri, HttpResponseMessage response, CancellationToken cancel)
    {
        using Stream stream = await response.Content.ReadAsStreamAsync(cancel);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = await stream.ReadAsync(buffer, cancel)) > 0;)
        {
            if (bytes.Length + read > _patience.MostJson) throw new RetryException($"{Network.Address.Show(uri)}: the answer has more than {_patience.MostJson} bytes");
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    private UserErrorException Refusal(Uri uri, HttpResponseMessage response, byte[] content)
    {
        string place = Network.Address.Show(uri), status = $"answered {(int)response.StatusCode}{Reason(content)}";
        return new UserErrorException(response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                _key is null ? $"{place}: wants a key: set {KeyVariable} to it" : $"{place}: the key in {KeyVariable} has no access",
            HttpStatusCode.NotFound => $"{place}: {status}: it speaks another form than OpenAI's completions, or has no such model",
            >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => $"{place}: redirects, which is not followed, for the key would go along; give the address that it redirects to",
            _ => $"{place}: {status}",
        });
    }

    // What the server says of its refusal; servers have been seen to repeat keys.
    private string Reason(byte[] content)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            JsonElement root = document.RootElement;
            string? text = ServerAnswer.TextOf(ServerAnswer.Member(root, "error"), "message") ?? ServerAnswer.TextOf(root, "message") ?? ServerAnswer.TextOf(root, "error");
            return text is null ? "" : $", '{Clean(text)}'";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private string Clean(string text) => ServerAnswer.Short(_key is null ? text : text.Replace(_key, "…", StringComparison.Ordinal));
}
