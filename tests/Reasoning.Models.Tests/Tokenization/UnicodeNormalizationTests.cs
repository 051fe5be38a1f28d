using System.Text;
using Reasoning.Models.Random;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

public sealed class UnicodeNormalizationTests
{
    // Columns: source, NFC, NFD, NFKC, NFKD. Cases of Unicode's NormalizationTest.txt kinds: singletons, excluded compositions,
    // reordering, blocked marks, Hangul, compatibility mappings.
    [Theory]
    [InlineData("e\u0301", "é", "e\u0301", "é", "e\u0301")]
    [InlineData("\u212B\u2126", "Å\u03A9", "A\u030A\u03A9", "Å\u03A9", "A\u030A\u03A9")]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307", "D\u0323\u0307", "\u1E0C\u0307", "D\u0323\u0307")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("가각", "가각", "\u1100\u1161\u1100\u1161\u11A8", "가각", "\u1100\u1161\u1100\u1161\u11A8")]
    [InlineData("\u1100\u1161\u11A8", "각", "\u1100\u1161\u11A8", "각", "\u1100\u1161\u11A8")]
    [InlineData("\uFB01½ﾊﾞ①", "\uFB01½ﾊﾞ①", "\uFB01½ﾊﾞ①", "fi1\u20442バ1", "fi1\u20442ハ\u30991")]
    [InlineData("a\u0315\u0300\u05AE\u0062", "\u00E0\u05AE\u0315b", "a\u05AE\u0300\u0315b", "\u00E0\u05AE\u0315b", "a\u05AE\u0300\u0315b")]
    [InlineData("a\u0F71\u0300", "à\u0F71", "a\u0F71\u0300", "à\u0F71", "a\u0F71\u0300")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    [InlineData("\U0002F800\U0001D49C", "\u4E3D\U0001D49C", "\u4E3D\U0001D49C", "\u4E3DA", "\u4E3DA")]
    [InlineData("\U00011131\U00011127", "\U0001112E", "\U00011131\U00011127", "\U0001112E", "\U00011131\U00011127")]
    [InlineData("plain ASCII", "plain ASCII", "plain ASCII", "plain ASCII", "plain ASCII")]
    public void Normal_forms(string source, string nfc, string nfd, string nfkc, string nfkd)
    {
        Assert.Equal(nfc, UnicodeNormalization.Normalize(source, NormalizationForm.FormC));
        Assert.Equal(nfd, UnicodeNormalization.Normalize(source, NormalizationForm.FormD));
        Assert.Equal(nfkc, UnicodeNormalization.Normalize(source, NormalizationForm.FormKC));
        Assert.Equal(nfkd, UnicodeNormalization.Normalize(source, NormalizationForm.FormKD));
    }

    [Fact]
    public void Normal_forms_are_stable_and_agree_with_each_other()
    {
        for (ulong key = 0; key < 2000; key++)
        {
            string text = RandomText(key);
            string nfc = UnicodeNormalization.Normalize(text, NormalizationForm.FormC);
            string nfd = UnicodeNormalization.Normalize(text, NormalizationForm.FormD);
            string nfkd = UnicodeNormalization.Normalize(text, NormalizationForm.FormKD);
            Assert.Equal(nfc, UnicodeNormalization.Normalize(nfc, NormalizationForm.FormC));
            Assert.Equal(nfc, UnicodeNormalization.Normalize(nfd, NormalizationForm.FormC));
            Assert.Equal(nfd, UnicodeNormalization.Normalize(nfc, NormalizationForm.FormD));
            Assert.Equal(nfkd, UnicodeNormalization.Normalize(nfd, NormalizationForm.FormKD));
            string nfkc = UnicodeNormalization.Normalize(text, NormalizationForm.FormKC);
            Assert.Equal(nfkc, UnicodeNormalization.Normalize(nfkd, NormalizationForm.FormC));
        }
    }

    private static string RandomText(ulong key)
    {
        (int First, int Count)[] blocks =
        [
            (0x41, 26), (0xC0, 0x190), (0x300, 0x70), (0x1E00, 0x200), (0x1100, 0x100), (0xAC00, 200), (0x900, 0x480), (0xF900, 0x100),
            (0xFB00, 0x50), (0x1D15E, 7), (0x11080, 0x60), (0x2F800, 0x200), (0x3040, 0xC0), (0xF40, 0x80), (0x591, 0x30),
        ];
        var random = new KeyedStream(9, key);
        var text = new StringBuilder();
        for (int length = 1 + random.NextInt(12); length > 0; length--)
        {
            (int first, int count) = blocks[random.NextInt(blocks.Length)];
            text.Append(new Rune(first + random.NextInt(count)).ToString());
        }
        return text.ToString();
    }
}
