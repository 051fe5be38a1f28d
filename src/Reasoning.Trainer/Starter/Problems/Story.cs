namespace Reasoning.Trainer.Starter.Problems;

/// <summary>The sentences of a story; each has <c>{0}</c> for a number.</summary>
/// <param name="Opening">States the number at the start.</param>
/// <param name="Add">Some come.</param>
/// <param name="Subtract">Some go.</param>
/// <param name="Multiply">There are so many times as many.</param>
/// <param name="Question">Asks for the number at the end.</param>
internal sealed record Story(string Opening, string[] Add, string[] Subtract, string Multiply, string Question)
{
    /// <summary>The stories of source problems.</summary>
    internal static readonly Story[] Source =
    [
        new("Mia has {0} apples.", ["She buys {0} more.", "She finds {0} more."], ["She eats {0}.", "She gives away {0}."],
            "Then she gets {0} times as many.", "How many apples does she have?"),
        new("Tom has {0} coins.", ["He wins {0} coins.", "He earns {0} more."], ["He spends {0}.", "He loses {0}."],
            "Then he has {0} times as many.", "How many coins does he have?"),
        new("A bus has {0} people.", ["{0} people get on.", "{0} more get on."], ["{0} people get off.", "{0} get off."],
            "Then it has {0} times as many.", "How many people are on the bus?"),
        new("Lea has {0} cards.", ["Her friend gives her {0}.", "She buys {0} more."], ["She gives away {0}.", "She loses {0}."],
            "Then she gets {0} times as many.", "How many cards does she have?"),
    ];

    /// <summary>The stories of shifted problems.</summary>
    internal static readonly Story[] Shifted =
    [
        new("A farm stores {0} sacks of corn.", ["A harvest brings in {0} sacks.", "A truck delivers {0} sacks."],
            ["The mill takes {0} sacks.", "A flood spoils {0} sacks."], "The stock grows to {0} times its size.", "How many sacks are left?"),
        new("A library owns {0} books.", ["It receives {0} new books.", "A school donates {0} books."],
            ["It sells {0} old books.", "It removes {0} books."], "Its collection grows to {0} times its size.", "How many books does it own now?"),
        new("A tank holds {0} liters of water.", ["Rain adds {0} liters.", "A pump fills in {0} liters."],
            ["The garden uses {0} liters.", "A leak drains {0} liters."], "Its content grows to {0} times its size.", "How many liters remain?"),
        new("A factory has {0} workers.", ["It hires {0} workers.", "{0} workers join."],
            ["It dismisses {0} workers.", "{0} workers retire."], "Its staff grows to {0} times its size.", "How many workers are there in the end?"),
    ];
}
