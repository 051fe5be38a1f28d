using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Generation;

public sealed class PolicyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_saved_policy_answers_as_before()
    {
        using Policy policy = TinyPolicy();
        var prompt = new Prompt("a", "1+2=?");
        var options = new SamplingOptions { MaxNewTokens = 12, Seed = 3 };
        Rollout[] before = policy.Generator.Generate([policy.Request(prompt, 4)], options)[0];

        policy.Save(_folder.Path);

        string[] expected = ["config.json", "generation_config.json", "model.safetensors", "reasoning.json", "tokenizer.json", "tokenizer_config.json"];
        Assert.All(expected, name => Assert.True(File.Exists(_folder.File(name)), name));
        using Policy loaded = Policy.Load(_folder.Path);
        Assert.Equal(policy.PromptTemplate, loaded.PromptTemplate);
        Assert.Equal(policy.Stops.Select(stop => stop.Id), loaded.Stops.Select(stop => stop.Id));
        Rollout[] after = loaded.Generator.Generate([loaded.Request(prompt, 4)], options)[0];
        for (int i = 0; i < before.Length; i++)
        {
            Assert.Equal(before[i].Ids, after[i].Ids);
            Assert.Equal(before[i].LogProbs, after[i].LogProbs);
        }
    }

    [Fact]
    public void Saving_over_the_folder_it_came_from_keeps_the_tokenizer_byte_for_byte()
    {
        using (Policy policy = TinyPolicy())
            policy.Save(_folder.Path);
        byte[] before = File.ReadAllBytes(_folder.File("tokenizer.json"));
        using (Policy policy = Policy.Load(_folder.Path))
            policy.Save(_folder.Path, SafeTensorsDType.BF16);
        Assert.Equal(before, File.ReadAllBytes(_folder.File("tokenizer.json")));
        using Policy again = Policy.Load(_folder.Path);
        Assert.Equal("bfloat16", again.Model.Config.Dtype);
    }

    [Fact]
    public void A_prompt_is_rendered_into_the_template()
    {
        using Policy policy = TinyPolicy("Q: {prompt}\nA:");
        int[] ids = policy.Render(new Prompt("a", "1+2"));
        Assert.Equal("Q: 1+2\nA:", policy.Tokenizer.Decode(ids));
        Assert.True(policy.Fits(new Prompt("a", "1+2"), policy.Model.Config.MaxPositions - ids.Length));
        Assert.False(policy.Fits(new Prompt("a", "1+2"), policy.Model.Config.MaxPositions - ids.Length + 1));
    }

    [Theory]
    [InlineData("no place")]
    [InlineData("{prompt} twice {prompt}")]
    public void A_template_holds_the_problem_once(string template) =>
        Assert.Contains("{prompt}", Assert.Throws<UserErrorException>(() => TinyPolicy(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    public void A_missing_file_is_named(string file)
    {
        using (Policy policy = TinyPolicy())
            policy.Save(_folder.Path);
        File.Delete(_folder.File(file));
        Assert.Contains(file, Assert.Throws<UserErrorException>(() => Policy.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_with_more_ids_than_the_embedding_has_rows_is_refused()
    {
        using (Policy policy = TinyPolicy())
            policy.Save(_folder.Path);
        string file = _folder.File("tokenizer.json");
        string json = File.ReadAllText(file);
        string grown = json.Replace("\"added_tokens\": [", "\"added_tokens\": [{\"id\": 999, \"content\": \"<far>\", \"special\": true},", StringComparison.Ordinal);
        Assert.NotEqual(json, grown);
        File.WriteAllText(file, grown);
        string message = Assert.Throws<UserErrorException>(() => Policy.Load(_folder.Path)).Message;
        Assert.Contains("999", message, StringComparison.Ordinal);
        Assert.Contains("embedding", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_beginning_of_sequence_is_refused_by_name()
    {
        string folder = SharedFolder.Require("models/stories260k");
        using Policy policy = Policy.Load(folder);
        int[] ids = policy.Render(new Prompt("ok", "One day"));
        Assert.Equal(1, ids.Count(id => id == policy.Tokenizer.BosId));
        Assert.Contains("twice", Assert.Throws<UserErrorException>(() => policy.Render(new Prompt("bad", "<s>One day"))).Message,
            StringComparison.Ordinal);
    }

    private static Policy TinyPolicy(string? template = null)
    {
        string json = BpeTrainer.Train(["Question: 1+2=?\nAnswer: 3", "Q: 12*3\nA: 36", "Question: 7-4\nAnswer: 3"], 290, ["<|end|>"]);
        Tokenizer tokenizer = Tokenizer.Parse(json);
        int end = tokenizer.TokenToId("<|end|>")!.Value;
        ModelConfig config = TinyModels.Config("qwen3") with { VocabSize = tokenizer.VocabSize, EosIds = [end] };
        CausalLM model = CausalLM.Create(config, 1);
        try
        {
            return new Policy(model, tokenizer, [new StopToken(end, "<|end|>", ["config.json"])], template);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
