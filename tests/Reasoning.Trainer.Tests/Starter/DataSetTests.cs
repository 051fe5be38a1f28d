using Reasoning.Models;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Starter.Data;
using Reasoning.Trainer.Starter.Training;

namespace Reasoning.Trainer.Tests.Starter;

public sealed class DataSetTests
{
    [Fact]
    public void Written_files_equal_the_committed_ones_byte_for_byte()
    {
        string folder = Directory.CreateTempSubdirectory("reasoning-data-").FullName;
        try
        {
            foreach (string file in DataSets.Write(folder))
                Assert.Equal(File.ReadAllBytes(Repository.Path("data/" + Path.GetFileName(file))), File.ReadAllBytes(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Sets_load_as_prompt_sets_with_the_answers_of_their_problems()
    {
        foreach (DataSet set in DataSets.All)
        {
            PromptSet loaded = PromptSet.Load(Repository.Path($"data/{set.Name}.jsonl"));
            Assert.Equal(DataSets.Count, loaded.Prompts.Count);
            Assert.All(loaded.Prompts.Zip(set.Problems), pair => Assert.Equal(ProblemReader.Solve(pair.Second).ToString(), pair.First.Answer));
            Assert.All(set.Problems, problem => Assert.Equal(set.Shifts, problem.Shifts));
        }
    }

    [Fact]
    public void No_problem_occurs_twice_in_or_between_sets()
    {
        List<string> texts = [.. DataSets.All.SelectMany(set => set.Problems).Select(problem => problem.Text)];
        Assert.Equal(texts.Count, texts.Distinct().Count());
        Assert.Equal(texts.Count, DataSets.Texts.Count);
    }

    [Fact]
    public void Training_never_sees_a_problem_of_a_set()
    {
        var problems = new TrainingStream(1, new PretrainOptions { Out = "unused" }.Mix, DataSets.Texts);
        for (ulong i = 0; i < 20_000; i++) Assert.False(DataSets.Texts.Contains(problems[i].Text), problems[i].Text);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_the_users_error()
    {
        string file = Path.GetTempFileName();
        try
        {
            var error = Assert.Throws<UserErrorException>(() => DataSets.Write(Path.Combine(file, "data")));
            Assert.Contains(file, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
