using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Causeway.Architecture.Tests;

/// <summary>What an assembly declares, read from its metadata without loading it.</summary>
internal static class Metadata
{
    public static IReadOnlyList<string> PublicTypes(string assembly) => Read(assembly, reader =>
        from handle in reader.TypeDefinitions
        where IsPublic(reader, handle)
        select FullName(reader, handle));

    /// <summary>Records are data and may have as many members as the data has; the rule is about collaborators.</summary>
    public static IReadOnlyList<string> LongConstructors(string assembly, int budget) => Read(assembly, reader =>
        from handle in reader.TypeDefinitions
        let methods = reader.GetTypeDefinition(handle).GetMethods().Select(reader.GetMethodDefinition).ToList()
        where !methods.Any(m => reader.StringComparer.Equals(m.Name, "<Clone>$"))
            && !methods.Any(m => reader.StringComparer.Equals(m.Name, "PrintMembers"))
        from method in methods
        where reader.StringComparer.Equals(method.Name, ".ctor")
        let count = method.GetParameters().Count(p => reader.GetParameter(p).SequenceNumber > 0)
        where count > budget
        select $"{FullName(reader, handle)}: {count} parameters");

    private static List<string> Read(string assembly, Func<MetadataReader, IEnumerable<string>> question)
    {
        Assert.True(File.Exists(assembly), $"{House.Relative(assembly)} is not built: build Causeway.slnx first.");
        using var file = new PEReader(File.OpenRead(assembly));
        return [.. question(file.GetMetadataReader()).Order(StringComparer.Ordinal)];
    }

    private static bool IsPublic(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic => IsPublic(reader, type.GetDeclaringType()),
            _ => false,
        };
    }

    private static string FullName(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        return type.IsNested ? $"{FullName(reader, type.GetDeclaringType())}.{name}"
            : type.Namespace.IsNil ? name : $"{reader.GetString(type.Namespace)}.{name}";
    }
}
