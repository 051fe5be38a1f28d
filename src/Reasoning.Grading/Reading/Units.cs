using System.Collections.Frozen;

namespace Reasoning.Grading.Reading;

/// <summary>
/// The closed list of units that may stand behind a value. They are told apart, never converted: 1 m and 100 cm are different answers.
/// Any other word behind a value makes the whole a text.
/// </summary>
internal static class Units
{
    // One unit a line: its name, then what else it is called. Plurals follow by rule.
    private static readonly FrozenDictionary<string, string> s_names = Build("""
        nm nanometer nanometre | μm micrometer micrometre micron | mm millimeter millimetre 毫米 | cm centimeter centimetre 厘米 | dm decimeter decimetre 分米
        m meter metre 米 | km kilometer kilometre 千米 公里 | in inch inches | ft foot feet | yd yard | mi mile | lightyear
        mg milligram | g gram gramme gm 克 | kg kilogram kilogramme kilo 千克 公斤 | lb lbs pound | oz ounce | ton tonne 吨 | stone
        ms millisecond | s sec second 秒 | min minute mins 分钟 分 | h hr hour 小时 时 | day 天 日 | week wk 周 星期 | month 月 个月 | year yr 年 岁 | decade | century centuries
        ml mL milliliter millilitre 毫升 | l L liter litre 升 | cc | gal gallon | qt quart | pt pint | cup | tbsp tablespoon | tsp teaspoon | barrel | bushel
        ° deg degree 度 | rad radian | °C celsius centigrade 摄氏度 | °F fahrenheit
        dollar usd buck 美元 | cent ¢ | euro eur | £ gbp | yuan rmb cny 元 块 块钱 圆 | yen jpy ¥ 日元 | rupee inr ₹ rs | peso | penny pennies pence | nickel | dime
        mph | kph kmh kmph | knot | rpm | N newton | J joule | kJ kilojoule | W watt | kW kilowatt | kWh | V volt | amp ampere | ohm | Pa pascal | kPa | Hz hertz | kHz
        K kelvin | mol mole | cal calorie kcal | atm | eV | bit | byte | kb | mb | gb | acre | hectare ha 公顷 | mu 亩 | am AM | pm PM
        unit 单位 | people person persons human 人 名 位 | student pupil 学生 | child children kid | boy | girl | man men | woman women | adult | player | member | worker employee
        team | family families | friend | teacher | customer | guest | passenger | voter | couple
        apple | orange | banana | pear | peach | lemon | mango mangoes | cherry cherries | berry berries | strawberry strawberries | grape | melon | egg | cookie | cake | candy candies
        pizza | slice | sandwich | donut doughnut | cupcake | muffin | potato potatoes | tomato tomatoes | carrot | flower | rose | tree 棵 | plant | seed | leaf leaves
        cat | dog | cow | horse | sheep | pig | goat | chicken hen | duck | bird | fish fishes | rabbit | animal | bee | ant | frog | lion | 只 | 头 | 匹
        ball | marble | bead | stone | block | cube | brick | tile | box boxes | bag 袋 | basket | bottle 瓶 | can | jar | glass glasses | bucket | plate | bowl | carton | crate | pack packet package
        book 本 | page 页 | chapter | word | letter | paper | sheet 张 | pencil 支 | pen | notebook | crayon | marker | sticker | stamp | ticket | photo picture | poster | toy | doll | game
        coin | bill | card | die dice | chip | token | door | window | room | house | floor | seat | chair | table | desk | bed | car 辆 | bus buses | truck | bike bicycle | train | plane | boat | wheel
        shirt | shoe | sock | hat | dress dresses | button | pair 双 对 | set 套 | group 组 | row | column | class classes | level | step | lap | round | trip | turn | shot | goal | race
        way 种 种方法 方法 | time 次 倍 | piece 块儿 件 | point 点 | item | object | thing | element | number | integer | digit | solution 个解 | roots | zeros zeroes | term | factor | divisor | multiples | primes
        value | triple | quadruple | tuple | subset | permutation | combination | arrangement | outcome | possibility possibilities | case | choice | path | route | move | swap | question problem
        side | edge | vertex vertices | face | angle | diagonal | line | segment | triangle | squares | rectangle | polygon | circle | region | intersection | node | color colour | code | password | string | sequence
        function | polynomial | inhabitant | resident | citizen | song | movie | hit | vote | gift | present | mark | stop | station | shelf shelves | 个 | 条 | 台 | 根 | 片 | 场 | 层 | 道 | 题 | 行 | 列
        """);

    // Compound by their own name.
    private static readonly Dictionary<string, string> s_compounds = new(StringComparer.Ordinal)
    {
        ["mph"] = "mi*h^-1",
        ["kph"] = "km*h^-1",
        ["cc"] = "cm^3",
        ["平方米"] = "m^2",
        ["平方厘米"] = "cm^2",
        ["平方千米"] = "km^2",
        ["平方公里"] = "km^2",
        ["平方分米"] = "dm^2",
        ["立方米"] = "m^3",
        ["立方厘米"] = "cm^3",
        ["立方分米"] = "dm^3",
    };

    // What may stand before the name of something counted without changing the count.
    private static readonly FrozenSet<string> s_adjectives = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "different", "distinct", "possible", "total", "such", "unique", "ordered", "unordered", "full", "whole");

    /// <summary>The canonical name of a unit, or null for any other word.</summary>
    public static string? Canonical(string word)
    {
        if (s_compounds.TryGetValue(word, out string? compound)) return compound;
        if (s_names.TryGetValue(word, out string? name)) return s_compounds.GetValueOrDefault(name, name);
        // CM may be a segment.
        if (word.Length < 3) return null;
        string lower = word.ToLowerInvariant();
        if (s_names.TryGetValue(lower, out name)) return s_compounds.GetValueOrDefault(name, name);
        return lower.Length > 2 && lower[^1] == 's' && s_names.TryGetValue(lower[..^1], out name) ? s_compounds.GetValueOrDefault(name, name) : null;
    }

    /// <summary>Whether a single letter is a unit when it stands as text behind a number.</summary>
    public static bool IsLetter(string letter) => letter is "m" or "g" or "s" or "h" or "l" or "L" or "N" or "J" or "W" or "V" or "K";

    public static bool IsAdjective(string word) => s_adjectives.Contains(word);

    private static FrozenDictionary<string, string> Build(string table) =>
        table.Split(['|', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(names => names.Length > 0)
            .SelectMany(names => names, (names, name) => (name, names[0])).DistinctBy(pair => pair.name)
            .ToFrozenDictionary(pair => pair.name, pair => pair.Item2, StringComparer.Ordinal);
}
