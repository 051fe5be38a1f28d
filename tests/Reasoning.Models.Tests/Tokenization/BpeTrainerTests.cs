using System.Text.Json;
using Reasoning.Models.Random;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

public sealed class BpeTrainerTests
{
    [Fact]
    public void The_vocabulary_is_special_tokens_then_bytes_then_merges()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Trained(300));
        Assert.Equal(300, tokenizer.VocabSize);
        Assert.Equal("<|endoftext|>", tokenizer.IdToToken(0));
        Assert.Equal("<|user|>", tokenizer.IdToToken(1));
        Assert.Equal("!", tokenizer.IdToToken(2));
        Assert.All(Enumerable.Range(2, 256), id => Assert.Single(tokenizer.IdToToken(id)));
        Assert.All(Enumerable.Range(258, 42), id => Assert.True(tokenizer.IdToToken(id).Length > 1));
    }

    [Fact]
    public void Merges_are_those_of_the_plain_algorithm()
    {
        // Words: ab 1, Ġab 4, Ġabc 3, Ġbc 2. First (a,b) 8; then (Ġ,ab) 7, (Ġab,c) 3; then (b,c) before (Ġ,b), 2 each, by lower ids.
        string json = BpeTrainer.Train(["ab ab ab ab ab abc abc abc bc bc"], 256 + 5, [], minCount: 1);
        Assert.Equal(["a b", "Ġ ab", "Ġab c", "b c", "Ġ bc"], Merges(json));
    }

    [Fact]
    public void Merges_equal_those_of_a_recount_after_each_merge()
    {
        string corpus = string.Join(' ', Enumerable.Range(0, 400).Select(i =>
        {
            var random = new KeyedStream(8, (ulong)i);
            int length = 1 + random.NextInt(9);
            return string.Concat(Enumerable.Range(0, length).Select(_ => "abcde"[Math.Min(random.NextInt(5), random.NextInt(5))]));
        }));
        Assert.Equal(RecountedMerges(corpus, 120), Merges(BpeTrainer.Train([corpus], 256 + 120, [])));
    }

    [Fact]
    public void Training_does_not_depend_on_the_order_of_the_texts()
    {
        string[] lines = TinyTokenizers.Corpus.Split(' ');
        string first = BpeTrainer.Train(lines, 330, ["<e>"]);
        Assert.Equal(first, BpeTrainer.Train(lines.Reverse(), 330, ["<e>"]));
    }

    [Fact]
    public void Every_digit_is_its_own_token()
    {
        string corpus = string.Concat(Enumerable.Repeat("2024 2024 is 2024.50 and 1000000 ", 50));
        Tokenizer tokenizer = Tokenizer.Parse(BpeTrainer.Train([corpus], 300, []));
        string[] tokens = [.. Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.IdToToken)];
        Assert.DoesNotContain(tokens, token => token.Length > 1 && token.Any(char.IsAsciiDigit));
        Assert.Equal("2|0|2|4|Ġ|1|.|5", string.Join('|', tokenizer.Encode("2024 1.5").Select(tokenizer.IdToToken)));
    }

    [Fact]
    public void Training_stops_when_no_pair_is_frequent_enough()
    {
        Tokenizer tokenizer = Tokenizer.Parse(BpeTrainer.Train(["ab ab xy"], 1000, []));
        Assert.Equal(256 + 1, tokenizer.VocabSize); // ab occurs twice, "Ġab" and xy once
        Assert.Equal(256, Tokenizer.Parse(BpeTrainer.Train([], 1000, [])).VocabSize);
    }

    [Fact]
    public void Special_tokens_in_the_corpus_teach_nothing()
    {
        string with = BpeTrainer.Train(["ab<|end|>ab", "<|end|>"], 256 + 1 + 1, ["<|end|>"]);
        Assert.Equal(["a b"], Merges(with));
    }

    [Fact]
    public void The_settings_file_goes_with_the_tokenizer()
    {
        string settings = BpeTrainer.ConfigJson("<|user|>", "<|endoftext|>", 512);
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Trained(bos: "<|endoftext|>"), settings);
        Assert.Equal((0, 1), (tokenizer.BosId, tokenizer.EosId));
        Assert.Equal([0], tokenizer.Prefix);
        Tokenizer without = Tokenizer.Parse(TinyTokenizers.Trained(), BpeTrainer.ConfigJson("<|endoftext|>", null, 512));
        Assert.Null(without.BosId);
        Assert.Empty(without.Prefix);
    }

    [Fact]
    public void Sizes_without_room_are_refused()
    {
        Assert.Contains("257", UserError.Message(() => BpeTrainer.Train([], 256, ["<e>"])));
        Assert.Throws<UserErrorException>(() => BpeTrainer.Train([], int.MaxValue, []));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], 300, ["<e>"], "<b>"));
    }

    private static string[] Merges(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!)];
    }

    // The definition, without bookkeeping: count all pairs, merge the most frequent one (ties: lowest ids), start over.
    private static List<string> RecountedMerges(string corpus, int count)
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.ToChar((byte)value)).Order().Select(c => c.ToString())];
        List<List<string>> words = [.. ("\n" + corpus).Split(' ').Select(word => ("Ġ" + word).Select(c => c.ToString()).ToList())];
        words[0] = [.. words[0].Skip(2)]; // the first word has no space before it
        var merges = new List<string>();
        while (merges.Count < count)
        {
            (string left, string right) = words.SelectMany(word => word.Zip(word.Skip(1)))
                .GroupBy(pair => pair)
                .OrderByDescending(group => group.Count())
                .ThenBy(group => tokens.IndexOf(group.Key.First))
                .ThenBy(group => tokens.IndexOf(group.Key.Second))
                .First().Key;
            merges.Add($"{left} {right}");
            if (!tokens.Contains(left + right)) tokens.Add(left + right);
            foreach (List<string> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] != left || word[i + 1] != right) continue;
                    word[i] += right;
                    word.RemoveAt(i + 1);
                }
            }
        }
        return merges;
    }
}
