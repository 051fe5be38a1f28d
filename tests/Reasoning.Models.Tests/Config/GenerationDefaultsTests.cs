using Reasoning.Models.Chat;
using Reasoning.Models.Policies;

namespace Reasoning.Models.Tests.Formats;

public sealed class GenerationDefaultsTests
{
    [Fact]
    public void Stop_ids_are_the_union_of_all_files_with_their_sources()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"eos_token_id": 2}""");
        folder.Write("generation_config.json", """{"eos_token_id": [3, 2], "temperature": 0.6}""");
        GenerationDefaults defaults = GenerationDefaults.Load(folder.Path);
        Assert.Equal([2, 3], defaults.EosIds);
        Assert.Equal(["config.json", "generation_config.json"], defaults.Sources[2]);
        Assert.Equal(["generation_config.json"], defaults.Sources[3]);
    }

    [Fact]
    public void The_end_token_of_the_tokenizer_counts_too()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"eos_token_id": 1}""");
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Bytes("<a>", "<b>", "<c>"), """{"eos_token": "<c>"}""");
        IReadOnlyList<StopToken> stops = GenerationDefaults.Load(folder.Path).StopTokens(tokenizer);
        Assert.Equal(["1 <b> config.json", "2 <c> tokenizer_config.json"], stops.Select(stop => $"{stop.Id} {stop.Text} {stop.Sources.Single()}"));
    }

    [Fact]
    public void A_folder_without_the_files_has_no_defaults()
    {
        using var folder = new TemporaryFolder();
        GenerationDefaults defaults = GenerationDefaults.Load(folder.Path);
        Assert.Empty(defaults.EosIds);
    }

    [Theory]
    [InlineData("""{"eos_token_id": "x"}""", "eos_token_id")]
    [InlineData("[]", "expected a JSON object")]
    public void Bad_values_are_refused(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("generation_config.json", json);
        UserErrorException error = Assert.Throws<UserErrorException>(() => GenerationDefaults.Load(folder.Path));
        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message);
    }
}
