using System.Text.RegularExpressions;

namespace Causeway.Architecture.Tests;

public sealed partial class RoomTests
{
    public static TheoryData<string> Names => [.. House.Rooms.Select(room => room.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_public_face_of_a_room_is_the_committed_one(string name)
    {
        var room = Find(name);

        House.CompareList(Path.Combine(room.Folder, "PublicFace.txt"), Metadata.PublicTypes(room.Assembly), "");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_room_has_a_readme_that_names_its_tables(string name)
    {
        var room = Find(name);
        var file = Path.Combine(room.Folder, "README.md");
        Assert.True(File.Exists(file), $"{House.Relative(file)} is missing.");
        var words = Word().Matches(File.ReadAllText(file)).Select(m => m.Value).ToHashSet();

        Assert.Empty(Tables(room).Except(words));
    }

    [Fact]
    public void A_table_belongs_to_one_room()
    {
        var shared = from room in House.Rooms
                     from table in Tables(room)
                     group room.Name by table into owners
                     where owners.Count() > 1
                     select $"{owners.Key}: {string.Join(", ", owners)}";

        Assert.Empty(shared);
    }

    private static Room Find(string name) => House.Rooms.Single(room => room.Name == name);

    private static IReadOnlyList<string> Tables(Room room) =>
    [
        .. (from file in House.Files([House.Relative(room.Folder)], ".cs", ".sql")
            from match in CreateTable().Matches(File.ReadAllText(file))
            select match.Groups["name"].Value).Distinct(),
    ];

    [GeneratedRegex("CREATE\\s+(?:UNLOGGED\\s+|VIRTUAL\\s+|TEMP\\s+)?TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?\"?(?<name>[a-z_][a-z0-9_]*)")]
    private static partial Regex CreateTable();

    [GeneratedRegex("[a-z_][a-z0-9_]*")]
    private static partial Regex Word();
}
