using System.Runtime.CompilerServices;

// Every native call of this assembly passes blittable values only.
[assembly: DisableRuntimeMarshalling]
