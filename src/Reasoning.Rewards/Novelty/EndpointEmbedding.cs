using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Reasoning.Models;

namespace Reasoning.Rewards.Novelty;

/// <summary>
/// Vectors from an endpoint that speaks the OpenAI form of <c>POST /v1/embeddings</c>. A call that still fails after all retries ends in an
/// error; vectors are never made up, because a random one is novelty out of nothing.
/// </summary>
/// <param name="options">Where the endpoint is and how patient to be.</param>
/// <param name="handler">Sends the requests; null uses the network. It stays the caller's.</param>
public sealed class EndpointEmbedding(EndpointEmbeddingOptions options, HttpMessageHandler? handler = null) : ITextEmbedding, IDisposable
{
    private readonly HttpClient _client = Client(options, handler);

    /// <inheritdoc/>
    /// <exception cref="UserErrorException">The endpoint cannot be reached, refuses, or answers with something else than vectors.</exception>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        float[][] vectors = new float[texts.Count][]; // [texts, width]
        for (int first = 0; first < texts.Count; first += options.BatchSize)
        {
            string[] batch = [.. texts.Skip(first).Take(options.BatchSize).Select(Tail)];
            float[][] part = Request(batch);
            part.CopyTo(vectors, first);
        }
        if (vectors.Select(vector => vector.Length).Distinct().Count() > 1) throw Failed("the vectors differ in length");
        return vectors;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // The end of a text holds its conclusion, and a lone half of a surrogate pair is not text.
    private string Tail(string text)
    {
        if (text.Length > options.MaxCharacters) text = text[^options.MaxCharacters..];
        if (text.Length > 0 && char.IsLowSurrogate(text[0])) text = text[1..];
        return text.Length == 0 ? " " : text;
    }

    private float[][] Request(string[] batch)
    {
        string reason = "";
        for (int attempt = 0; attempt <= options.Retries; attempt++)
        {
            // 1, 2, 4, … times the delay.
            if (attempt > 0) options.Wait(options.RetryDelay * Math.Pow(2, attempt - 1));
            try
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, options.Url)
                {
                    Content = JsonContent.Create(new { model = options.Model, input = batch, encoding_format = "float" }),
                };
                if (options.ApiKey is { } key) message.Headers.Authorization = new("Bearer", key);
                using HttpResponseMessage response = _client.Send(message);
                using Stream body = response.Content.ReadAsStream();
                if (response.IsSuccessStatusCode) return Vectors(body, batch.Length);
                reason = $"status {(int)response.StatusCode} {response.ReasonPhrase}";
                bool isPassing = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
                    || (int)response.StatusCode >= 500;
                if (!isPassing) break;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                reason = e.Message;
            }
            catch (OperationCanceledException)
            {
                reason = $"no answer within {options.Timeout.TotalSeconds:0} s";
            }
        }
        throw Failed(reason);
    }

    private float[][] Vectors(Stream body, int count)
    {
        float[][] vectors = new float[count][];
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            foreach (JsonElement item in document.RootElement.GetProperty("data").EnumerateArray())
            {
                int index = item.GetProperty("index").GetInt32();
                if (index < 0 || index >= count) throw Failed($"it answered for text {index} of {count}");
                vectors[index] = Normalized([.. item.GetProperty("embedding").EnumerateArray().Select(number => number.GetSingle())]);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Failed("its answer is not a list of embeddings");
        }
        int missing = Array.FindIndex(vectors, vector => vector is null);
        return missing < 0 ? vectors : throw Failed($"it gave no vector for text {missing}");
    }

    private float[] Normalized(float[] vector) => double.IsFinite(UnitVector.Squares(vector))
        ? UnitVector.Scale(vector)
        : throw Failed("a vector holds a number that is not finite");

    private UserErrorException Failed(string reason) =>
        new($"embeddings from {options.Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)} failed: {reason}; check the endpoint and the model name, or use another embedding");

    private static HttpClient Client(EndpointEmbeddingOptions options, HttpMessageHandler? handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        HttpClient client = handler is null ? new HttpClient() : new HttpClient(handler, disposeHandler: false);
        client.Timeout = options.Timeout;
        return client;
    }
}
