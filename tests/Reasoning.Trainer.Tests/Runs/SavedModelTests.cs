using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>What a run leaves for other tools.</summary>
public sealed class SavedModelTests
{
    [Fact]
    public void The_model_card_says_how_the_model_was_adapted_and_what_that_did()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "2", "--seed", "5").ExitCode);
        string model = folder.File("run/model"), card = File.ReadAllText(Path.Combine(model, ModelCard.FileName));
        foreach (string row in (string[])["| recipe | tent |", "| steps | 2 |", "| seed | 5 |", "prompts.jsonl, 6 prompts, hash ", "without labels"])
            Assert.Contains(row, card, StringComparison.Ordinal);
        Assert.Contains("## Before and after\n\n```text\ntarget: 4 problems", card, StringComparison.Ordinal);
        CheckpointFolder.Verify(model);
        Assert.False(Directory.Exists(folder.File("run/adapter")));
    }

    [Fact]
    public void The_labelled_baseline_says_so_on_its_card()
    {
        var record = new RunRecord
        {
            Recipe = "rlvr",
            Settings = new Dictionary<string, RecordedSetting>(),
            Model = new RecordedFile("models/base", "ab"),
            Prompts = new RecordedFile("data/p.jsonl", "cd", 7),
        };
        ModelCard card = RunCard.Of(record, new Recipe { Reward = RewardKind.Gold }, []);
        Assert.Contains("to 7 prompts, with their gold answers, by the recipe rlvr", card.Summary, StringComparison.Ordinal);
        Assert.Null(card.Results);
    }

    [Fact]
    public void Adapters_are_merged_into_the_model_and_saved_by_themselves()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1", "--set", "trainable=lora").ExitCode);
        Assert.Contains("adapter_model.safetensors", CheckpointFolder.Verify(folder.File("run/adapter")));
        using CheckpointFiles merged = CheckpointFiles.Open(folder.File("run/model"));
        Assert.DoesNotContain(merged.Entries.Keys, name => name.Contains("lora", StringComparison.Ordinal));
        using CausalLM model = CausalLM.Load(folder.File("run/model")), start = CausalLM.Load(TinyModel.Folder);
        Assert.NotEqual(First(start), First(model));

        static float First(CausalLM model) =>
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(model.Layers[0].Attention.Query.Weight.bytes)[0];
    }
}
