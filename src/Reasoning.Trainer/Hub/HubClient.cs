using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Trainer.Network;

namespace Reasoning.Trainer.Hub;

/// <summary>
/// Asks the Hugging Face Hub, or what HF_ENDPOINT names in its place, over HTTP. The token goes to that host alone: redirects, which large
/// files have to a store elsewhere, are followed without it. No message names the token, or what stands behind the question mark of an
/// address, which may be a signature.
/// </summary>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 5;

    private readonly HttpClient _client;
    private readonly Uri _endpoint;
    private readonly string? _token;
    private readonly Patience _patience;

    /// <exception cref="UserErrorException">The endpoint is no address, or the token cannot be one.</exception>
    public HubClient(string endpoint, string? token, Patience patience)
    {
        _endpoint = Uri.TryCreate(endpoint.TrimEnd('/') + "/", UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri
            : throw new UserErrorException($"HF_ENDPOINT is '{endpoint}'; write an address such as https://huggingface.co");
        _token = Address.Token("HF_TOKEN", token);
        _patience = patience;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = patience.Silence, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The files of a repository.</summary>
    /// <returns>The commit that the revision is, and all files of it.</returns>
    /// <exception cref="UserErrorException">There is none, or no access to it, or what the server says makes no sense.</exception>
    public async Task<(string Commit, IReadOnlyList<HubFile> Files)> List(HubRepository repository, CancellationToken cancel)
    {
        string revision = Uri.EscapeDataString(repository.Revision), commit;
        using (JsonDocument info = (await Json(new Uri(_endpoint, $"{repository.Api}/revision/{revision}"), repository, cancel)).Document)
            commit = Text(info.RootElement, "sha") is { Length: 40 } sha && sha.All(char.IsAsciiHexDigit) ? sha : throw Nonsense("names no commit");
        var files = new List<HubFile>();
        Uri? page = new(_endpoint, $"{repository.Api}/tree/{commit}?recursive=true");
        for (int pages = 0; page is not null; pages++)
        {
            if (pages > 1000) throw Nonsense("has no end");
            (JsonDocument document, Uri? next) = await Json(page, repository, cancel);
            using (document)
            {
                if (document.RootElement.ValueKind != JsonValueKind.Array) throw Nonsense("is no list of files");
                files.AddRange(document.RootElement.EnumerateArray().Where(entry => Text(entry, "type") == "file").Select(Read));
            }

            page = next;
        }

        return (commit, files);
    }

    /// <summary>The content of a file from some byte on, where the server can begin there, else from its beginning.</summary>
    /// <exception cref="UserErrorException">The server refuses.</exception>
    /// <exception cref="RetryException">It failed in a way that may pass.</exception>
    public Task<HubAnswer> Open(HubRepository repository, string commit, HubFile file, long from, CancellationToken cancel)
    {
        string path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        return Ask(new Uri(_endpoint, $"{repository.Page}/resolve/{commit}/{path}"), repository, from, cancel);
    }

    /// <summary>Does something again while it fails in a way that may pass.</summary>
    /// <exception cref="UserErrorException">It failed too often.</exception>
    public Task<T> Patiently<T>(Func<Task<T>> request, CancellationToken cancel) => _patience.Repeat(
        request,
        what => new UserErrorException($"{what}; check the network and HF_ENDPOINT, then give the command again: it goes on where it stopped"),
        cancel);

    public void Dispose() => _client.Dispose();

    private async Task<(JsonDocument Document, Uri? Next)> Json(Uri uri, HubRepository repository, CancellationToken cancel) => await Patiently(
        async () =>
        {
            using HubAnswer answer = await Ask(uri, repository, 0, cancel);
            using var bytes = new MemoryStream();
            await foreach (ReadOnlyMemory<byte> part in answer.Read(cancel))
            {
                if (bytes.Length + part.Length > _patience.MostJson) throw Nonsense($"has more than {_patience.MostJson} bytes");
                bytes.Write(part.Span);
            }

            try
            {
                return (JsonDocument.Parse(bytes.ToArray()), answer.Next is { } next ? Same(next) : null);
            }
            catch (JsonException e)
            {
                throw new UserErrorException($"{Address.Show(uri)}: answered with {answer.MediaType ?? "something"} that is no JSON; is HF_ENDPOINT right?", e);
            }
        },
        cancel);

    // A list of files goes on at the same host, or somebody else's server would say what is to be fetched.
    private Uri Same(Uri next) => IsHome(next) ? next : throw Nonsense("goes on at another host");

    private async Task<HubAnswer> Ask(Uri uri, HubRepository repository, long from, CancellationToken cancel)
    {
        for (int redirects = 0; ; redirects++)
        {
            if (redirects > MostRedirects) throw new UserErrorException($"{Address.Show(uri)}: more than {MostRedirects} redirects; is HF_ENDPOINT right?");
            using var message = new HttpRequestMessage(HttpMethod.Get, uri);
            message.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            message.Headers.UserAgent.Add(new ProductInfoHeaderValue("reasoning", null));
            if (from > 0) message.Headers.Range = new RangeHeaderValue(from, null);
            if (_token is not null && IsHome(uri)) message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            HttpResponseMessage response = await Guarded(uri, token => _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token), cancel);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent) return new HubAnswer(this, uri, response);
            using (response)
            {
                if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } location) throw Refusal(uri, repository, response);
                Uri next = new(uri, location);
                if (next.Scheme is not ("http" or "https") || (uri.Scheme == "https" && next.Scheme == "http"))
                    throw new UserErrorException($"{Address.Show(uri)}: redirects to {next.Scheme}, which is not followed");
                uri = next;
            }
        }
    }

    private Exception Refusal(Uri uri, HubRepository repository, HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        string page = Address.Show(new Uri(_endpoint, repository.Page));
        switch (response.StatusCode)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when IsHome(uri):
                return new UserErrorException(_token is null
                    ? $"{page}: is gated, private, or not there; accept its conditions on that page, make a token there (Settings, Access Tokens), and set HF_TOKEN to it"
                    : $"{page}: the token in HF_TOKEN has no access; accept the conditions on that page with its account, or take another token");
            case HttpStatusCode.NotFound when IsHome(uri):
                return new UserErrorException(
                    $"{page}: no such repository, or no revision or file {Address.Show(uri)}; check name and @REVISION ({repository.Revision}); data sets are datasets/OWNER/NAME");
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                return new HubRangeException($"{Address.Show(uri)}: has nothing behind what is there");
            default:
                return RetryException.Of(uri, response) ?? (Exception)new UserErrorException($"{Address.Show(uri)}: answered {status} {response.ReasonPhrase}");
        }
    }

    /// <inheritdoc cref="Patience.Exchange"/>
    internal Task<T> Guarded<T>(Uri uri, Func<CancellationToken, Task<T>> exchange, CancellationToken cancel) => _patience.Exchange(uri, exchange, cancel);

    private bool IsHome(Uri uri) => Uri.Compare(uri, _endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private HubFile Read(JsonElement entry)
    {
        JsonElement described = entry.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object ? lfs : entry;
        string path = Text(entry, "path") ?? "", hash = Text(described, "oid") ?? "";
        bool isInside = !path.AsSpan().ContainsAny('\\', ':') && !path.Any(char.IsControl) && path.Split('/').All(part => part.Trim() is not ("" or "." or ".."));
        if (!isInside) throw Nonsense($"has a file '{path}', which is not a path inside the repository");
        bool isHash = hash.Length is 40 or 64 && hash.All(char.IsAsciiHexDigitLower);
        bool isSize = described.TryGetProperty("size", out JsonElement size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long bytes) && bytes >= 0;
        return isHash && isSize ? new HubFile(path, size.GetInt64(), hash) : throw Nonsense($"says of {path} neither length nor hash");
    }

    private UserErrorException Nonsense(string what) => new($"{Address.Show(_endpoint)}: the list of files {what}; nothing was fetched");
}

/// <summary>What a server began to send.</summary>
internal sealed class HubAnswer(HubClient client, Uri uri, HttpResponseMessage response) : IDisposable
{
    private const int BufferBytes = 1 << 16;

    /// <summary>The byte that it begins with; -1 where that is not known: of what is packed, places are those in the package.</summary>
    public long From => response.StatusCode != HttpStatusCode.PartialContent ? 0 : IsPacked ? -1 : response.Content.Headers.ContentRange?.From ?? -1;

    /// <summary>What it says it is.</summary>
    public string? MediaType => response.Content.Headers.ContentType?.MediaType;

    /// <summary>Where the list goes on; null at its end.</summary>
    public Uri? Next => response.Headers.TryGetValues("Link", out IEnumerable<string>? links)
        ? links.SelectMany(link => link.Split(',')).Where(link => link.Contains("rel=\"next\"", StringComparison.Ordinal))
            .Select(link => Uri.TryCreate(uri, link.Split('<')[^1].Split('>')[0], out Uri? next) ? next : null).FirstOrDefault()
        : null;

    private bool IsPacked => response.Content.Headers.ContentEncoding.Contains("gzip");

    /// <summary>Its bytes, unpacked where the server packed them although nobody asked.</summary>
    /// <exception cref="RetryException">It broke off.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> Read([EnumeratorCancellation] CancellationToken cancel)
    {
        using Stream raw = await response.Content.ReadAsStreamAsync(cancel);
        using Stream body = IsPacked ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = await client.Guarded(uri, token => body.ReadAsync(buffer, token).AsTask(), cancel)) > 0;) yield return buffer.AsMemory(0, read);
    }

    public void Dispose() => response.Dispose();
}

/// <summary>What was to be continued has nothing more, or is another file by now.</summary>
internal sealed class HubRangeException(string message) : Exception(message);
