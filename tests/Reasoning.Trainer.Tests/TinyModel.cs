using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.Tokenization;
using Reasoning.Trainer.Learning;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests;

/// <summary>
/// A two-layer model that has learnt in a second to answer everything with one of four boxed digits, written to a temporary folder: the
/// smallest thing that votes, disagrees and ends its answers.
/// </summary>
internal static class TinyModel
{
    private const string End = "<|endoftext|>";
    private static readonly string[] s_answers = [" so \\boxed{1}", " then we have \\boxed{2}", " so \\boxed{3}", " now \\boxed{4}"];
    private static readonly Lazy<string> s_folder = new(Make);

    /// <summary>The checkpoint folder.</summary>
    public static string Folder => s_folder.Value;

    /// <summary>A file of prompts with answers, in a folder of its own.</summary>
    public static string Prompts(TempFolder folder, int count = 6, bool withAnswers = true)
    {
        string file = folder.File("prompts.jsonl");
        PromptSet.Write(
            file, Enumerable.Range(0, count).Select(
                i => new Prompt($"p{i}", $"Take {i} and {i + 1}", withAnswers ? (1 + (i % 4)).ToString() : null)));
        return file;
    }

    private static string Make()
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("reasoning-tiny-").FullName, "model");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
        string[] corpus =
            [.. Enumerable.Range(0, 40).Select(i => $"Question: Take {i % 10} and {(i + 1) % 10}\nAnswer:{s_answers[i % 4]}")];
        Tokenizer tokenizer = Tokenizer.Parse(BpeTrainer.Train(corpus, 300, [End]), BpeTrainer.ConfigJson(End, null, 128));
        var config = new ModelConfig
        {
            ModelType = "qwen3",
            HiddenSize = 32,
            IntermediateSize = 48,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 16,
            VocabSize = tokenizer.VocabSize,
            MaxPositions = 128,
            TieWordEmbeddings = true,
            EosIds = [tokenizer.EosId!.Value],
        };
        using var policy =
            new Policy(CausalLM.Create(config, seed: 3), tokenizer, [new StopToken(tokenizer.EosId!.Value, End, ["config.json"])]);
        Teach(policy);
        policy.Save(folder);
        return folder;
    }

    private static void Teach(Policy policy)
    {
        Parameter[] parameters = [.. policy.Model.Select(TrainableSet.All).Select(pair => pair.Parameter)];
        using AdamW optimizer = optim.AdamW(parameters, lr: 0.01);
        for (int step = 0; step < 60; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            var rows = new AnswerRows([.. s_answers.Select((answer, i) => Example(policy, answer, i + step))]);
            Tensor hidden = rows.Hidden(policy.Model);
            Tensor targets = rows.Targets(hidden.device);
            OutputHead.Backward(
                [hidden], policy.Model.HeadWeight, part => LogitRows.Pick(part.LogProbs(), part.Of(targets)).sum().DividedBy(-rows.Count));
            optimizer.step();
            optimizer.zero_grad();
        }
    }

    private static Rollout Example(Policy policy, string answer, int number)
    {
        int[] prompt = policy.Render(new Prompt("p", $"Take {number % 6} and {(number % 6) + 1}"));
        int[] ids = [.. policy.Tokenizer.Encode(answer, addSpecialTokens: false), policy.Tokenizer.EosId!.Value];
        return new Rollout("p", 0, prompt, ids, new float[ids.Length], FinishReason.Stop);
    }
}
