using Reasoning.Models;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Starter.Data;
using Reasoning.Trainer.Starter.Training;

namespace Reasoning.Trainer.Tests.Starter;

public sealed class DataSetTests
{
    public static TheoryData<string> Mixes => [.. TrainingMix.All.Select(mix => mix.Name)];

    private static TrainingMix Mix(string name) => TrainingMix.All.Single(mix => mix.Name == name);

    /// <summary>The sets that are in the repository: all but those of single cells, which have a folder of their own.</summary>
    private static IEnumerable<DataSet> Committed(string mix) => Mix(mix).Sets.Where(set => !set.Plan.Name.Contains('/'));

    [Theory]
    [MemberData(nameof(Mixes))]
    public void Written_files_equal_the_committed_ones_byte_for_byte(string mix)
    {
        using var folder = new TempFolder();
        IReadOnlyList<string> files = DataSets.Write(Mix(mix), folder.Path);
        Assert.All(files, file => Assert.Equal(DataSets.Count, File.ReadLines(file).Count()));
        Assert.Equal(Mix(mix).Sets.Count, files.Distinct().Count());
        foreach (DataSet set in Committed(mix))
        {
            string name = set.Plan.Name + ".jsonl";
            Assert.Equal(File.ReadAllBytes(Repository.Path("data/" + name)), File.ReadAllBytes(folder.File(name)));
        }
    }

    [Theory]
    [MemberData(nameof(Mixes))]
    public void Sets_load_as_prompt_sets_with_the_answers_of_their_problems(string mix)
    {
        foreach (DataSet set in Committed(mix))
        {
            PromptSet loaded = PromptSet.Load(Repository.Path($"data/{set.Plan.Name}.jsonl"));
            Assert.Equal(DataSets.Count, loaded.Prompts.Count);
            Assert.All(loaded.Prompts.Zip(set.Problems), pair => Assert.Equal(ProblemReader.Solve(pair.Second).ToString(), pair.First.Answer));
            Assert.All(set.Problems, (problem, i) => Assert.Equal(set.Plan.Cells[i % set.Plan.Cells.Count], problem.Cell));
        }
    }

    [Theory]
    [MemberData(nameof(Mixes))]
    public void No_problem_and_no_id_occurs_twice_in_or_between_sets(string mix)
    {
        List<string> texts = [.. Mix(mix).Sets.SelectMany(set => set.Problems).Select(problem => problem.Text)];
        Assert.Equal(texts.Count, texts.Distinct().Count());
        Assert.Equal(texts.Count, Mix(mix).Texts.Count);
        List<string> ids = [.. Mix(mix).Sets.SelectMany(set => set.Prompts).Select(prompt => prompt.Id)];
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Mixes))]
    public void Training_never_sees_a_problem_of_a_set(string mix)
    {
        var problems = new TrainingStream(1, Mix(mix));
        for (ulong i = 0; i < 20_000; i++) Assert.False(Mix(mix).Texts.Contains(problems[i].Text), problems[i].Text);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_the_users_error()
    {
        string file = Path.GetTempFileName();
        try
        {
            var error = Assert.Throws<UserErrorException>(() => DataSets.Write(TrainingMix.Starter, Path.Combine(file, "data")));
            Assert.Contains(file, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
