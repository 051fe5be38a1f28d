using Reasoning.Models.Generation;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.Tests.Gguf;

namespace Reasoning.Models.Tests.Generation;

public sealed class PolicyCodecTests
{
    [Fact]
    public void A_file_gives_the_same_ids_with_and_without_its_weights()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("m.gguf");
        GgufExport.Write(GgufModels.Write(folder, GgufModels.Config("qwen2")), file, [GgufTensorType.F32]);
        PolicyCodec codec = PolicyCodec.LoadGguf(file);
        using Policy policy = Policy.Load(file);
        var prompt = new Prompt("p", "What is 12 + 30?", null);

        Assert.Equal(policy.Render(prompt), codec.Render(prompt));
        Assert.Equal(policy.Stops.Select(stop => stop.Id), codec.Stops.Select(stop => stop.Id));
        Assert.Equal(policy.Model.Config.ToJson(), codec.Config.ToJson());
        var rollout = new Rollout("p", 0, codec.Render(prompt), policy.Tokenizer.Encode("is 42"), [0], FinishReason.Stop);
        Assert.Equal("is 42", codec.Text(rollout));
        Assert.Equal(policy.Text(rollout), codec.Text(rollout));
    }
}
