using System.Net;
using System.Text;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Rewards.Novelty;

namespace Reasoning.Rewards.Tests;

public sealed class EndpointEmbeddingTests
{
    private static readonly Uri s_url = new("http://localhost:1/v1/embeddings");

    [Fact]
    public void Vectors_come_back_normalized_and_in_the_order_of_the_texts()
    {
        using var endpoint = new Endpoint(Answered);
        using var embedding = new EndpointEmbedding(Options() with { BatchSize = 2, ApiKey = "secret" }, endpoint);
        float[][] vectors = embedding.Embed(["a", "bb", "ccc"]);
        Assert.Equal(2, endpoint.Bodies.Count);
        Assert.Equal("Bearer secret", endpoint.Authorization);
        Assert.Equal("any", JsonDocument.Parse(endpoint.Bodies[0]).RootElement.GetProperty("model").GetString());
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(1, vectors[i].Sum(x => (double)x * x), 5);
            Assert.Equal(i + 1, vectors[i][0] / vectors[i][1], 4); // the endpoint says (length, 1)
        }
    }

    [Fact]
    public void Passing_failures_are_retried_with_growing_pauses()
    {
        var pauses = new List<double>();
        int calls = 0;
        using var endpoint = new Endpoint(body => ++calls < 4 ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) : Answered(body));
        using var embedding = new EndpointEmbedding(Options() with { Wait = pause => pauses.Add(pause.TotalSeconds) }, endpoint);
        Assert.Single(embedding.Embed(["a"]));
        Assert.Equal([1, 2, 4], pauses);
    }

    [Fact]
    public void A_lasting_failure_is_an_error_that_names_the_endpoint()
    {
        using var endpoint = new Endpoint(_ => throw new HttpRequestException("connection refused"));
        using var embedding = new EndpointEmbedding(Options(), endpoint);
        UserErrorException error = Assert.Throws<UserErrorException>(() => embedding.Embed(["a"]));
        Assert.Contains("connection refused", error.Message, StringComparison.Ordinal);
        Assert.Contains(s_url.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal(6, endpoint.Bodies.Count);
    }

    [Fact]
    public void A_refusal_is_not_retried()
    {
        using var endpoint = new Endpoint(_ => new HttpResponseMessage(HttpStatusCode.Unauthorized));
        using var embedding = new EndpointEmbedding(Options(), endpoint);
        Assert.Throws<UserErrorException>(() => embedding.Embed(["a"]));
        Assert.Single(endpoint.Bodies);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"index":3,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":["x"]}]}""")]
    public void An_answer_without_all_vectors_is_an_error(string body)
    {
        using var endpoint = new Endpoint(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body) });
        using var embedding = new EndpointEmbedding(Options(), endpoint);
        Assert.Throws<UserErrorException>(() => embedding.Embed(["a"]));
    }

    [Fact]
    public void A_failing_embedding_stops_the_run_or_switches_novelty_off_once()
    {
        using var endpoint = new Endpoint(_ => new HttpResponseMessage(HttpStatusCode.NotFound));
        using var embedding = new EndpointEmbedding(Options(), endpoint);
        NoveltyResponse[] group = [new("a", Agrees: true, IsValid: true), new("b", Agrees: false, IsValid: true)];
        var notices = new List<string>();
        var strict = new NoveltyScorer(embedding, new NoveltyOptions(), EmbeddingFailure.Stop, notices.Add);
        Assert.Throws<UserErrorException>(() => strict.Score(group));
        var lenient = new NoveltyScorer(embedding, new NoveltyOptions(), EmbeddingFailure.SwitchOff, notices.Add);
        Assert.Equal([1, 0], lenient.Score(group).Rewards);
        Assert.Equal([1, 0], lenient.Score(group).Rewards);
        Assert.False(lenient.IsOn);
        Assert.Single(notices);
        Assert.Equal(2, endpoint.Bodies.Count);
    }

    private static EndpointEmbeddingOptions Options() => new() { Url = s_url, Model = "any", Wait = _ => { } };

    // Vectors (length of the text, 1), last text first.
    private static HttpResponseMessage Answered(string body)
    {
        string[] texts = [.. JsonDocument.Parse(body).RootElement.GetProperty("input").EnumerateArray().Select(text => text.GetString()!)];
        var data = texts.Select((text, index) => new { index, embedding = new double[] { text.Length, 1 } }).Reverse();
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(new { data })) };
    }

    private sealed class Endpoint(Func<string, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public string? Authorization { get; private set; }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(request.Content!.ReadAsStream(cancellationToken), Encoding.UTF8);
            Bodies.Add(reader.ReadToEnd());
            Authorization = request.Headers.Authorization?.ToString();
            return answer(Bodies[^1]);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}
